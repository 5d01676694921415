import { ReadingPage } from '../../../../../../../features/content-access/reading-page.tsx';
import { titled } from '../../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('contentAccesses');

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return <ReadingPage id={(await params).id} />;
}
