import { ForecastPage } from '../../../../../../features/forecast/forecast-page.tsx';
import { titled } from '../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('forecast');

export default ForecastPage;
