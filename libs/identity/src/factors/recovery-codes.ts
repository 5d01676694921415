import { Injectable } from '@nestjs/common';
import type { Transaction } from '#libs/database';
import { Clock } from '#libs/kernel';
import { newPassword } from '../passwords/password-rules.ts';
import { hashSecret } from '../keys/secrets.ts';
import type { FactorHolder } from './factor-holder.ts';

const CODES = 10;
/** Of five characters each: some 74 bits, so that a plain hash is enough. */
const GROUPS = 3;

/** As somebody reads it from paper: in any width and case, with or without the hyphens. */
const comparable = (code: string): string =>
  code
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '');

const tableOf = ({ plane }: FactorHolder): string => `${plane}_recovery_codes`;

/** For the day the phone is lost: ten codes, each of which replaces the second factor once. Only hashes are stored. */
@Injectable()
export class RecoveryCodes {
  constructor(private readonly clock: Clock) {}

  /** Ends the codes there were. @returns the new ones, which are never shown again */
  async replace(tx: Transaction, holder: FactorHolder): Promise<string[]> {
    const codes = Array.from({ length: CODES }, () => newPassword(GROUPS));
    await this.remove(tx, holder);
    await tx.query(
      `INSERT INTO ${tableOf(holder)} (holder_id, code_hash, created_at) SELECT $1, hash, $3 FROM unnest($2::bytea[]) AS hash`,
      [holder.id, codes.map((code) => hashSecret(comparable(code))), this.clock.now()],
    );
    return codes;
  }

  /** Whether the code was one of the holder's and had not been used; from here on it has. */
  async use(tx: Transaction, holder: FactorHolder, code: string): Promise<boolean> {
    const used = await tx.query(
      `UPDATE ${tableOf(holder)} SET used_at = $3 WHERE holder_id = $1 AND code_hash = $2 AND used_at IS NULL
       RETURNING holder_id`,
      [holder.id, hashSecret(comparable(code)), this.clock.now()],
    );
    return used.length === 1;
  }

  /** How many can still be used. */
  async left(tx: Transaction, holder: FactorHolder): Promise<number> {
    const [row] = await tx.query<{ left: number }>(
      `SELECT count(*)::integer AS left FROM ${tableOf(holder)} WHERE holder_id = $1 AND used_at IS NULL`,
      [holder.id],
    );
    return row!.left;
  }

  async remove(tx: Transaction, holder: Pick<FactorHolder, 'id' | 'plane'>): Promise<void> {
    await tx.query(`DELETE FROM ${holder.plane}_recovery_codes WHERE holder_id = $1`, [holder.id]);
  }
}
