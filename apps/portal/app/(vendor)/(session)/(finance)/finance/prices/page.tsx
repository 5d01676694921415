import { PricesPage } from '../../../../../../features/prices/prices-page.tsx';
import { titled } from '../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('prices');

export default PricesPage;
