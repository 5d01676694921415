import type { Segment } from '#libs/kernel';

/** Ways in which content leaves the screen it is read on. */
export const TAKE_OUTS = ['copy', 'download', 'export'] as const;
export type TakeOut = (typeof TAKE_OUTS)[number];

/** What one network of a city lets its people do. */
export interface SegmentPolicy {
  readonly segment: Segment;
  /** Closed, nobody signs in there and no session lives. */
  readonly open: boolean;
  /** CIDR, IPv4 and IPv6. Empty: from anywhere. */
  readonly addressRanges: readonly string[];
  /** Public model names; null: every model this network has. */
  readonly models: readonly string[] | null;
  /** Whether files may be brought in. */
  readonly attachments: boolean;
  readonly takeOut: Readonly<Record<TakeOut, boolean>>;
  /** Days for which what was asked and answered is kept; null: until somebody deletes it. */
  readonly retentionDays: number | null;
  readonly mfa: 'optional' | 'required';
}

export type SegmentPolicyChange = Partial<Omit<SegmentPolicy, 'segment' | 'takeOut'>> & {
  readonly takeOut?: Partial<SegmentPolicy['takeOut']>;
};

/** SQL: a row of segment_policies, called `p`, as a {@link SegmentPolicy}. */
export const SEGMENT_POLICY = `jsonb_build_object('segment', p.segment, 'open', p.open,
  'addressRanges', p.address_ranges::text[], 'models', p.models, 'attachments', p.attachments,
  'takeOut', jsonb_build_object('copy', 'copy' = ANY (p.take_out), 'download', 'download' = ANY (p.take_out),
    'export', 'export' = ANY (p.take_out)),
  'retentionDays', p.retention_days, 'mfa', p.mfa)`;
