import { NotFound } from '../features/session/dead-ends.tsx';
import { titled } from '../i18n/page-title.ts';

export const generateMetadata = titled('notFound');

export default NotFound;
