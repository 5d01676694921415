import { Inject, Injectable } from '@nestjs/common';
import type { IssuerConfig } from '#libs/config';
import { DomainError } from '#libs/kernel';
import type { InvoiceDocument } from '../invoice-document.ts';

export const ISSUER_CONFIG = Symbol('IssuerConfig');

/** Who issues: what qualified invoices say of their issuer. */
@Injectable()
export class Issuer {
  constructor(@Inject(ISSUER_CONFIG) private readonly config: IssuerConfig) {}

  /** @throws DomainError BILLING.ISSUER_UNKNOWN where no issuer is configured */
  get(): InvoiceDocument['issuer'] {
    if (!this.config) throw new DomainError('BILLING.ISSUER_UNKNOWN');
    return this.config;
  }
}
