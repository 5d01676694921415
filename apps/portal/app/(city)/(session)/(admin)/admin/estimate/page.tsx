import { CityEstimatePage } from '../../../../../../features/estimate/city-estimate-page.tsx';
import { titled } from '../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('estimate');

export default CityEstimatePage;
