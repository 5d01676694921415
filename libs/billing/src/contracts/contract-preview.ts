import { Injectable } from '@nestjs/common';
import type { CrossTenantTransaction } from '#libs/database';
import { Clock, DomainError, type JstMonth, jstMonthOf } from '#libs/kernel';
import { PublishedPrices, type TokenCounts, costOf } from '#libs/pricing';
import type { ChargeLine } from '../charge.ts';
import { chargesOf } from './charges-of.ts';
import { ContractBook } from './contract-book.ts';
import { ContractRegister } from './contract-register.ts';
import { daysOfMonth } from './days.ts';
import { TAX_RATE } from './usage-charges.ts';

/** A month of use to try terms on. */
export interface TriedUse extends TokenCounts {
  readonly model: string;
  readonly inputCharacters: number;
  readonly outputCharacters: number;
}

export interface Preview {
  readonly month: JstMonth;
  readonly lines: readonly ChargeLine[];
  readonly subtotalJpy: number;
  readonly taxJpy: number;
  readonly totalJpy: number;
}

/** Says what a whole month of some use would cost under a contract's terms, proposed ones too, at today's prices. */
@Injectable()
export class ContractPreview {
  constructor(
    private readonly register: ContractRegister,
    private readonly book: ContractBook,
    private readonly prices: PublishedPrices,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError REQUEST.NOT_FOUND, PRICING.MODEL_UNKNOWN */
  async preview(tx: CrossTenantTransaction, id: string, validFrom: string, use: TriedUse): Promise<Preview> {
    const contract = await this.register.get(tx, id);
    const found = contract.terms.find((terms) => terms.validFrom === validFrom);
    if (!found) throw new DomainError('REQUEST.NOT_FOUND');
    const { current, fxRate } = await this.prices.asOf(tx);
    const price = current.find(({ model }) => model === use.model);
    if (!price) throw new DomainError('PRICING.MODEL_UNKNOWN');
    const month = jstMonthOf(this.clock.now());
    const [from, days] = [`${month}-01`, daysOfMonth(month)];
    const stretch = { from, to: `${month}-${days}`, days, daysOfMonth: days, terms: { validFrom, ...found.terms } };
    const lines = chargesOf(
      {
        tenantId: contract.city.id,
        contractId: id,
        month,
        stretches: [stretch],
        council: (await this.book.monthOf(tx, contract.city.id, month))?.council ?? null,
        baseFeeDepartmentId: contract.baseFeeDepartmentId,
      },
      [
        {
          ...use,
          ...costOf(use, price, fxRate),
          acceptedMonth: month,
          stretchFrom: from,
          departmentId: null,
          priceId: price.id,
          fxRateId: price.currency === 'USD' ? fxRate!.id : null,
          calls: 1,
        },
      ],
    );
    const subtotalJpy = lines.reduce((sum, { amountJpy }) => sum + amountJpy, 0);
    const taxJpy = TAX_RATE.times(subtotalJpy).floor().toNumber();
    return { month, lines, subtotalJpy, taxJpy, totalJpy: subtotalJpy + taxJpy };
  }
}
