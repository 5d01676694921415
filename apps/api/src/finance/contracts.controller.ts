import { Body, Controller, Get, Headers, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ContractBook, ContractMaker, ContractRegister, PlanCatalogue, placeOf } from '#libs/billing';
import { FinanceDatabase } from '#libs/database';
import type { VendorActor } from '#libs/identity';
import { tenantId } from '#libs/kernel';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission } from '../access/permission.ts';
import { cityReference, fiscalYearSchema } from '../http/contract-schemas.ts';
import { AcceptsIdempotencyKey, idempotencyKey } from '../http/idempotency.ts';
import { readInput } from '../http/request-input.ts';
import {
  changeOf,
  daySchema,
  idParams,
  monthSchema,
  nameSchema,
  pageFrom,
  pageOf,
  pageQuery,
  readCursor,
} from '../http/wire.ts';
import { contract, contractEntry, presentContract, presentEntry } from './contract-wire.ts';
import { newTerms, termsFrom } from './new-terms.ts';

const contractPage = pageOf('ContractPage', contractEntry);

const contractQuery = pageQuery.extend({
  fiscalYear: fiscalYearSchema.optional(),
  /** The beginning of a municipality code or a part of a city's name. */
  city: z.string().trim().max(100).default(''),
});

const monthQuery = z.strictObject({ month: monthSchema });

const citiesWithoutContract = z
  .object({
    items: z.array(
      cityReference.extend({
        /** What the city asked for when it was taken on; the contract is still to be made. */
        wish: z
          .object({ planId: z.uuid(), startsOn: daySchema, endsOn: daySchema, billingName: z.string() })
          .nullable(),
      }),
    ),
  })
  .meta({ id: 'CitiesWithoutContract' });

const departmentChoices = z
  .object({ items: z.array(z.object({ id: z.uuid(), code: z.string(), name: z.string() })) })
  .meta({ id: 'DepartmentChoices' });

const billing = {
  billingName: nameSchema,
  billingPostalCode: z
    .string()
    .regex(/^\d{3}-\d{4}$/)
    .nullable(),
  billingAddress: z.string().trim().min(1).max(200).nullable(),
};

const createContract = z
  .strictObject({
    cityId: z.uuid(),
    fiscalYear: z.int().min(2020).max(2099),
    /** 件名. */
    title: nameSchema,
    startsOn: daySchema,
    endsOn: daySchema,
    ...billing,
    councilId: z.uuid().nullable(),
    /** After the end, until the city's data are deleted. */
    deletionDays: z.int().min(60).max(90).default(90),
    terms: newTerms,
  })
  .meta({ id: 'CreateContract' });

const changeContract = changeOf('ChangeContract', { ...billing, baseFeeDepartmentId: z.uuid().nullable() });

/** What cities agreed to pay by, for one fiscal year each. */
@ApiTags('contracts')
@Controller('api/finance/v1/contracts')
export class ContractsController {
  constructor(
    private readonly database: FinanceDatabase,
    private readonly register: ContractRegister,
    private readonly maker: ContractMaker,
    private readonly plans: PlanCatalogue,
    private readonly book: ContractBook,
  ) {}

  /** In order of municipality code. */
  @Get()
  @RequirePermission('contract:read')
  @ApiOkResponse({ standardSchema: contractPage })
  async list(
    @Query({ schema: contractQuery }) { fiscalYear, city: part, cursor, limit }: z.infer<typeof contractQuery>,
  ): Promise<z.infer<typeof contractPage>> {
    const query = { fiscalYear: fiscalYear ?? null, city: part, after: readCursor(cursor), limit: limit + 1 };
    const rows = await this.database.run((tx) => this.register.list(tx, query));
    return pageFrom(rows, limit, { after: placeOf, present: presentEntry });
  }

  /** Active cities without a contract in force for a month: a trial, or forgotten. */
  @Get('missing-cities')
  @RequirePermission('contract:read')
  @ApiOkResponse({ standardSchema: citiesWithoutContract })
  async missing(
    @Query({ schema: monthQuery }) { month }: z.infer<typeof monthQuery>,
  ): Promise<z.infer<typeof citiesWithoutContract>> {
    const cities = await this.database.run((tx) => this.book.citiesWithout(tx, month));
    return { items: cities.map(({ tenantId: id, code, name, wish }) => ({ id, code, name, wish })) };
  }

  @Get(':id')
  @RequirePermission('contract:read')
  @ApiOkResponse({ standardSchema: contract })
  async read(@Param({ schema: idParams }) { id }: z.infer<typeof idParams>): Promise<z.infer<typeof contract>> {
    return presentContract(await this.database.run((tx) => this.register.get(tx, id)));
  }

  /** The departments of its city, which one may bear the base fee. */
  @Get(':id/departments')
  @RequirePermission('contract:read')
  @ApiOkResponse({ standardSchema: departmentChoices })
  async departments(
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<z.infer<typeof departmentChoices>> {
    return { items: await this.database.run((tx) => this.register.departments(tx, id)) };
  }

  /** Writes a contract down and puts its first terms before a second person; approved, they put it in force. */
  @Post()
  @RequirePermission('contract:write')
  @AcceptsIdempotencyKey('Scoped to the person.')
  @ApiCreatedResponse({ standardSchema: contract })
  async create(
    @CurrentActor() actor: VendorActor,
    @Body({ schema: createContract }) { terms, cityId, ...body }: z.infer<typeof createContract>,
    @Headers('idempotency-key') key: string | undefined,
  ): Promise<z.infer<typeof contract>> {
    const underKey = await readInput(idempotencyKey, key);
    return this.database.run(async (tx) => {
      const agreed = await termsFrom(tx, this.plans, terms);
      const made = { ...body, cityId: tenantId(cityId), terms: agreed };
      return presentContract(await this.maker.create(tx, actor, made, underKey));
    });
  }

  /** Where invoices go and who bears the base fee. */
  @Patch(':id')
  @RequirePermission('contract:write')
  @ApiOkResponse({ standardSchema: contract })
  async change(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Body({ schema: changeContract }) change: z.infer<typeof changeContract>,
  ): Promise<z.infer<typeof contract>> {
    return presentContract(await this.database.run((tx) => this.maker.change(tx, actor, id, change)));
  }
}
