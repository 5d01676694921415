import { LinkedMembersPage } from '../../../../../../../features/identity-providers/linked-members-page.tsx';
import { titled } from '../../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('linkedMembers');

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return <LinkedMembersPage id={(await params).id} />;
}
