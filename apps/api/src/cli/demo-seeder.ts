import type { INestApplicationContext } from '@nestjs/common';
import { OpsDatabase, TenantDatabase, type TenantScope } from '#libs/database';
import {
  ApiKeyRegistry,
  MemberAdministration,
  MemberDirectory,
  type MemberRole,
  VendorDirectory,
  type VendorRole,
} from '#libs/identity';
import type { Segment } from '#libs/kernel';
import { CityRegistry, DepartmentTree, PurposeDirectory } from '#libs/tenancy';
import { CityOnboarding } from '../ops/city-onboarding.ts';
import { DEMO_CITIES, DEMO_DEPARTMENTS, DEMO_MEMBERS, DEMO_PURPOSES, DEMO_VENDOR, type DemoCity } from './demo-data.ts';
import { seedBudgetItems, seedContracts } from './demo-contracts.ts';
import { seedInvoices } from './demo-invoices.ts';
import { seedCostReport } from './demo-cost-report.ts';
import { seedPrices } from './demo-prices.ts';
import { seedTemplates } from './demo-templates.ts';
import { seedUsage } from './demo-usage.ts';

const SYSTEM = { type: 'system', id: null } as const;
const MONTHLY_LIMIT_TOKENS = 10_000_000_000;
/** Of the demo cities, beside each other. */
const SIZES = [1, 0.6, 0.25];

/** What `.moyai/demo.json` holds. Other programs read it: the shape is a contract. */
export interface DemoFile {
  readonly origins: Readonly<Record<'lgwan' | 'my_number' | 'vendor', string>>;
  readonly cities: readonly {
    readonly code: string;
    readonly name: string;
    readonly apiKey: string;
    readonly purposeCode: string;
    readonly members: readonly {
      readonly loginId: string;
      readonly password: string;
      readonly role: MemberRole;
      readonly segment: Segment;
      readonly department: string;
    }[];
  }[];
  /** Of the authenticator each has enrolled: base32. `npm run demo:code -- <loginId>` prints its code of now. */
  readonly vendor: readonly {
    readonly loginId: string;
    readonly password: string;
    readonly totpSecret: string;
    readonly role: VendorRole;
  }[];
}

/** Makes what is missing of the demo, through the doors everybody else uses, and gives everyone a new password. */
export class DemoSeeder {
  private constructor(private readonly app: INestApplicationContext) {}

  static in(app: INestApplicationContext): DemoSeeder {
    return new DemoSeeder(app);
  }

  async seed(): Promise<Omit<DemoFile, 'origins'>> {
    const cities = [];
    const scopes = new Map<string, TenantScope>();
    for (const city of DEMO_CITIES) {
      const scope: TenantScope = { tenantId: await this.ensureCity(city), segment: 'lgwan' };
      scopes.set(city.code, scope);
      cities.push(await this.seedCity(city, scope));
    }
    const vendor = [];
    for (const user of DEMO_VENDOR)
      vendor.push({
        loginId: user.loginId,
        ...(await this.app.get(VendorDirectory).ensureEnrolled(user)),
        role: user.role,
      });
    const people = { proposer: await this.vendor('finance'), approver: await this.vendor('approver') };
    await seedPrices(this.app, people);
    await seedContracts(this.app, people, scopes);
    // After the prices, so that it is rated
    for (const [index, scope] of [...scopes.values()].entries())
      await seedUsage(this.app, { scope, departments: await this.ensureDepartments(scope), size: SIZES[index] ?? 1 });
    await seedInvoices(this.app, people);
    await seedCostReport(this.app, people.proposer);
    return { cities, vendor };
  }

  private async vendor(loginId: string): Promise<{ type: 'vendor'; id: string }> {
    return { type: 'vendor', id: (await this.app.get(VendorDirectory).idByLoginId(loginId))! };
  }

  private async seedCity(city: DemoCity, scope: TenantScope): Promise<DemoFile['cities'][number]> {
    const departments = await this.ensureDepartments(scope);
    await seedBudgetItems(this.app, scope);
    const purposeCode = await this.ensurePurposes(scope);
    const members = [];
    for (const { department, ...member } of DEMO_MEMBERS) {
      const password = await this.ensureMember(scope, { ...member, departmentId: departments.get(department)! });
      const { loginId, role, segment } = member;
      members.push({ loginId, password, role, segment, department });
    }
    await seedTemplates(this.app, { scope, departments });
    const key = { name: 'デモ業務システム', scopes: ['jobs', 'models'] } as const;
    const { text: apiKey } = await this.app.get(ApiKeyRegistry).create(scope, SYSTEM, key);
    return { ...city, apiKey, purposeCode, members };
  }

  private async ensureCity(city: DemoCity): Promise<TenantScope['tenantId']> {
    const found = await this.app.get(OpsDatabase).run((tx) => this.app.get(CityRegistry).findByCode(tx, city.code));
    if (found) return found.id;
    const firstAdmin = DEMO_MEMBERS.find(({ role }) => role === 'admin')!;
    const { city: made } = await this.app
      .get(CityOnboarding)
      .onboard(SYSTEM, { ...city, monthlyLimitTokens: MONTHLY_LIMIT_TOKENS, firstAdmin });
    return made.id;
  }

  /** @returns ids by name */
  private ensureDepartments(scope: TenantScope): Promise<Map<string, string>> {
    const tree = this.app.get(DepartmentTree);
    return this.app.get(TenantDatabase).run(scope, async (tx) => {
      const ids = new Map((await tree.list(tx)).map(({ name, id }) => [name, id]));
      for (const { code, name, parent } of DEMO_DEPARTMENTS) {
        if (ids.has(name)) continue;
        const parentId = parent === null ? null : ids.get(parent)!;
        ids.set(name, (await tree.create(tx, SYSTEM, { code, name, parentId })).id);
      }
      return ids;
    });
  }

  /** @returns the code to use in a demo */
  private ensurePurposes(scope: TenantScope): Promise<string> {
    const directory = this.app.get(PurposeDirectory);
    return this.app.get(TenantDatabase).run(scope, async (tx) => {
      const codes = new Set((await directory.list(tx)).map(({ code }) => code));
      for (const purpose of DEMO_PURPOSES) if (!codes.has(purpose.code)) await directory.create(tx, SYSTEM, purpose);
      return DEMO_PURPOSES[0].code;
    });
  }

  /** @returns the password it now has */
  private async ensureMember(
    scope: TenantScope,
    member: { loginId: string; displayName: string; role: MemberRole; segment: Segment; departmentId: string },
  ): Promise<string> {
    const administration = this.app.get(MemberAdministration);
    const found = await this.app
      .get(TenantDatabase)
      .run(scope, (tx) => this.app.get(MemberDirectory).findByLoginId(tx, member.loginId));
    if (!found) return (await administration.create(scope, SYSTEM, member)).initialPassword;
    const { displayName, departmentId } = member;
    await administration.change(scope, SYSTEM, found.id, { displayName, departmentId });
    return administration.resetPassword(scope, SYSTEM, found.id);
  }
}
