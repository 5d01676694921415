import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditTrail } from '#libs/audit';
import type { CrossTenantTransaction, TenantTransaction, Transaction } from '#libs/database';
import { Clock, DomainError, SEGMENTS, type Segment } from '#libs/kernel';
import { demandAddressRanges } from './address-ranges.ts';
import { SEGMENT_POLICY, type SegmentPolicy, type SegmentPolicyChange, TAKE_OUTS } from './segment-policy.ts';

interface Row {
  readonly policy: SegmentPolicy;
}

const FIND = `SELECT ${SEGMENT_POLICY} AS policy FROM segment_policies p WHERE tenant_id = app_tenant_id()`;

/**
 * The rules of a city's networks. A city has one for each, whether it uses that network or not. Works on the city the
 * transaction is bound to, with the city's own role and with the vendor's after `actOn`.
 */
@Injectable()
export class SegmentPolicies {
  constructor(
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** The policy of the transaction's own network. @throws DomainError TENANCY.SEGMENT_CLOSED when there is none */
  async current(tx: TenantTransaction): Promise<SegmentPolicy> {
    const policy = await this.find(tx);
    if (!policy) throw new DomainError('TENANCY.SEGMENT_CLOSED');
    return policy;
  }

  async find(tx: TenantTransaction): Promise<SegmentPolicy | null> {
    const [row] = await tx.query<Row>(`${FIND} AND segment = $1`, [tx.scope.segment]);
    return row?.policy ?? null;
  }

  /** Of every network, in the order of {@link SEGMENTS}. */
  async list(tx: Transaction): Promise<SegmentPolicy[]> {
    const rows = await tx.query<Row>(`${FIND} ORDER BY array_position($1::text[], segment)`, [SEGMENTS]);
    return rows.map(({ policy }) => policy);
  }

  /** The policies a newly registered city begins with: its closed networks open, and nothing held back in any. */
  async openDefaults(tx: CrossTenantTransaction): Promise<void> {
    await tx.query(
      `INSERT INTO segment_policies (tenant_id, segment, open, updated_at)
       SELECT app_tenant_id(), segment, segment <> 'internet', $2 FROM unnest($1::text[]) AS segment`,
      [SEGMENTS, this.clock.now()],
    );
  }

  /** Writes a whole policy while a city is taken on; the caller records it. @throws DomainError see {@link write} */
  async open(tx: CrossTenantTransaction, { segment, ...policy }: SegmentPolicy): Promise<SegmentPolicy> {
    return this.write(tx, segment, policy);
  }

  /**
   * Changes what is named and leaves the rest. Sessions feel it when they are read anew: tell CityAccess after the commit.
   * @throws DomainError see {@link write}
   */
  async change(
    tx: TenantTransaction,
    actor: AuditActor,
    segment: Segment,
    change: SegmentPolicyChange,
  ): Promise<SegmentPolicy> {
    const changed = await this.write(tx, segment, change);
    await this.audit.append(tx, {
      action: 'segment-policy.changed',
      actor,
      segment,
      subject: { type: 'segment-policy', id: segment },
      details: policyDetails(changed),
    });
    return changed;
  }

  /**
   * As {@link change} for the vendor, who records it in two chains.
   * @throws DomainError REQUEST.NOT_FOUND, TENANCY.ADDRESS_RANGE_INVALID
   */
  async write(tx: Transaction, segment: Segment, change: SegmentPolicyChange): Promise<SegmentPolicy> {
    // Locked, so that of two changes at once both stay.
    const [row] = await tx.query<Row>(`${FIND} AND segment = $1 FOR UPDATE`, [segment]);
    if (!row) throw new DomainError('REQUEST.NOT_FOUND');
    const policy = { ...row.policy, ...change, takeOut: { ...row.policy.takeOut, ...change.takeOut } };
    await demandAddressRanges(tx, policy.addressRanges);
    const [written] = await tx.query<Row>(
      `UPDATE segment_policies p SET open = $2, address_ranges = $3::text[]::cidr[], models = $4, attachments = $5,
         take_out = $6, retention_days = $7, mfa = $8, updated_at = $9
       WHERE tenant_id = app_tenant_id() AND segment = $1 RETURNING ${SEGMENT_POLICY} AS policy`,
      [
        segment,
        policy.open,
        policy.addressRanges,
        policy.models,
        policy.attachments,
        TAKE_OUTS.filter((name) => policy.takeOut[name]),
        policy.retentionDays,
        policy.mfa,
        this.clock.now(),
      ],
    );
    return written!.policy;
  }
}

/** A policy as an audit record says it. */
export const policyDetails = ({ takeOut, addressRanges, models, ...facts }: SegmentPolicy) => ({
  ...facts,
  addressRanges: addressRanges.join(' '),
  models: models?.join(' ') ?? null,
  takeOut: TAKE_OUTS.filter((name) => takeOut[name]).join(' '),
});
