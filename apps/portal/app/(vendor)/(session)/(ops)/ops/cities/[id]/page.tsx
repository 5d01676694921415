import { CityPage } from '../../../../../../../features/cities/city-page.tsx';
import { titled } from '../../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('cities');

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return <CityPage id={(await params).id} />;
}
