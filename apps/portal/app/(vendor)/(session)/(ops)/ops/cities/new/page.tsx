import { OnboardingPage } from '../../../../../../../features/onboarding/onboarding-page.tsx';
import { titled } from '../../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('onboarding');

export default async function Page({ searchParams }: { searchParams: Promise<{ draft?: string }> }) {
  return <OnboardingPage id={(await searchParams).draft} />;
}
