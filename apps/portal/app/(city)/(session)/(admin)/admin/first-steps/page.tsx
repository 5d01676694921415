import { FirstStepsPage } from '../../../../../../features/first-steps/first-steps-page.tsx';
import { titled } from '../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('firstSteps');

export default FirstStepsPage;
