/** What people are mailed of, and what of it they may do without. */
export const MAIL_TOPICS = ['maintenance', 'city-budget', 'department-budget', 'top-up'] as const;
export type MailTopic = (typeof MAIL_TOPICS)[number];

/** Null: not to be turned off. Somebody's answer is waited for, or the service ends. */
export const TOPIC_OF = {
  'content-access.asked': null,
  'maintenance.announced': 'maintenance',
  'maintenance.withdrawn': 'maintenance',
  'invitation.issued': null,
  'budget.city': 'city-budget',
  'budget.department': 'department-budget',
  'top-up.asked': 'top-up',
  'top-up.decided': 'top-up',
  'ending.trial': null,
  'ending.contract': null,
} as const satisfies Record<string, MailTopic | null>;

export type MailKind = keyof typeof TOPIC_OF;
export const MAIL_KINDS = Object.keys(TOPIC_OF) as readonly MailKind[];
