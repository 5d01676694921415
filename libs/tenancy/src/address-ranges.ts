import { BlockList, isIP } from 'node:net';
import type { Transaction } from '#libs/database';
import { DomainError } from '#libs/kernel';

const INVALID_TEXT = '22P02';

/** Where the people of a network may come from, ready to be asked at every request. */
export class AddressRanges {
  private readonly list = new BlockList();

  /** @param ranges CIDR as the database writes it; none: everywhere is inside */
  constructor(private readonly ranges: readonly string[]) {
    for (const range of ranges) {
      const [network, prefix] = range.split('/') as [string, string];
      this.list.addSubnet(network, Number(prefix), family(network));
    }
  }

  admit(address: string): boolean {
    if (this.ranges.length === 0) return true;
    return isIP(address) > 0 && this.list.check(address, family(address));
  }
}

const family = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

/**
 * Lets PostgreSQL read the ranges; what it would shorten is refused with what it would make of it.
 * @throws DomainError TENANCY.ADDRESS_RANGE_INVALID, saying which and what to write instead
 */
export async function demandAddressRanges(tx: Transaction, ranges: readonly string[]): Promise<void> {
  if (ranges.length === 0) return;
  const faults = (await unevenRanges(tx, ranges)).map(({ position, range, network }) => ({
    pointer: `/addressRanges/${position - 1}`,
    message: `${range} は範囲の先頭ではありません。${network} と書いてください。`,
  }));
  if (faults.length > 0) throw new DomainError('TENANCY.ADDRESS_RANGE_INVALID', { faults });
}

async function unevenRanges(tx: Transaction, ranges: readonly string[]) {
  try {
    return await tx.query<{ position: number; range: string; network: string }>(
      `SELECT position::int, range, network(range::inet)::text AS network
       FROM unnest($1::text[]) WITH ORDINALITY AS r (range, position)
       WHERE host(range::inet) <> host(network(range::inet))`,
      [ranges],
    );
  } catch (error) {
    if ((error as { code?: unknown }).code === INVALID_TEXT) throw new DomainError('TENANCY.ADDRESS_RANGE_INVALID');
    throw error;
  }
}
