import { PriceListPage } from '../../../features/prices/price-list-page.tsx';
import { titled } from '../../../i18n/page-title.ts';

export const generateMetadata = titled('priceList');

export default PriceListPage;
