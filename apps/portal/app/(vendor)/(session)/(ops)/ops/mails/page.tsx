import { MailsPage } from '../../../../../../features/mails/mails-page.tsx';
import { titled } from '../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('mails');

export default MailsPage;
