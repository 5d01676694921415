import { RosterImportPage } from '../../../../../../../../features/roster/import-page.tsx';
import { titled } from '../../../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('rosterImport');

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return <RosterImportPage id={(await params).id} />;
}
