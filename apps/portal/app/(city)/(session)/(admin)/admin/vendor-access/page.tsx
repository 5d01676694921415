import { CityAccessesPage } from '../../../../../../features/content-access/city-accesses-page.tsx';
import { titled } from '../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('vendorAccess');

export default CityAccessesPage;
