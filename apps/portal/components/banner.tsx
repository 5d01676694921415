import type { ReactNode } from 'react';

const TONES = {
  info: { edge: 'border-key-900', text: 'text-key-900', mark: 'M12 10.5v6M12 7.4v.2' },
  success: { edge: 'border-success-2', text: 'text-success-2', mark: 'M7.5 12.4l3 3 6-6.4' },
  warning: { edge: 'border-warning-yellow-2', text: 'text-warning-yellow-2', mark: 'M12 6.8v6.4M12 16.4v.2' },
  error: { edge: 'border-error-1', text: 'text-error-2', mark: 'M12 6.8v6.4M12 16.4v.2' },
} as const;

export interface BannerProps {
  tone: keyof typeof TONES;
  title: string;
  /** `alert` interrupts a screen reader, `status` waits; without one the banner is part of the page. */
  role?: 'alert' | 'status';
  actions?: ReactNode;
  children?: ReactNode;
}

/** The design system's notification banner. What can be done stands beside the words where there is room: banners push the page down. */
export function Banner({ tone, title, role, actions, children }: BannerProps) {
  const { edge, text, mark } = TONES[tone];
  return (
    <div
      role={role}
      className={`flex flex-wrap items-center gap-x-4 gap-y-2 rounded-8 border-2 border-l-[16px] bg-white p-4 ${edge}`}
    >
      <div className="flex min-w-0 grow basis-80 flex-col gap-2">
        <div className="flex items-start gap-2">
          <svg aria-hidden="true" viewBox="0 0 24 24" className={`mt-0.5 size-6 shrink-0 ${text}`}>
            <circle cx="12" cy="12" r="10" fill="currentColor" />
            <path d={mark} fill="none" stroke="#fff" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" />
          </svg>
          <p className="text-std-16B-170">{title}</p>
        </div>
        {children && <div className="flex flex-col gap-1 text-std-16N-170">{children}</div>}
      </div>
      {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
    </div>
  );
}
