import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Put } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { OpsDatabase } from '#libs/database';
import type { VendorActor } from '#libs/identity';
import { DomainError, type FieldFault } from '#libs/kernel';
import { CityOnboardings, CityOverview, CityRegistry, type OnboardingDraft } from '#libs/tenancy';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission } from '../access/permission.ts';
import { AcceptsIdempotencyKey, idempotencyKey } from '../http/idempotency.ts';
import { readInput } from '../http/request-input.ts';
import { idParams, instant } from '../http/wire.ts';
import { CityOnboarding } from './city-onboarding.ts';
import { presentCity } from './city-schemas.ts';
import {
  createCity,
  createdCity,
  draft,
  onboardingView,
  planChoices,
  presentInvitation,
} from './onboarding-schemas.ts';

/** Cities that are being taken on: an operator's answers, kept between steps and sittings. */
@ApiTags('cities')
@Controller('api/ops/v1')
export class OnboardingsController {
  constructor(
    private readonly database: OpsDatabase,
    private readonly onboardings: CityOnboardings,
    private readonly onboarding: CityOnboarding,
    private readonly cities: CityRegistry,
    private readonly overview: CityOverview,
  ) {}

  @Get('onboardings')
  @RequirePermission('city:read')
  @ApiOkResponse({ standardSchema: z.object({ items: z.array(onboardingView) }) })
  async list(): Promise<{ items: z.infer<typeof onboardingView>[] }> {
    const drafts = await this.database.run((tx) => this.onboardings.list(tx));
    return { items: await Promise.all(drafts.map((one) => this.present(one))) };
  }

  @Post('onboardings')
  @RequirePermission('city:write')
  @AcceptsIdempotencyKey('Sent again under the same key it is the same draft.')
  @ApiCreatedResponse({ standardSchema: onboardingView })
  async begin(
    @CurrentActor() actor: VendorActor,
    @Headers('idempotency-key') key: string | undefined,
  ): Promise<z.infer<typeof onboardingView>> {
    const underKey = await readInput(idempotencyKey, key);
    return this.present(
      await this.database.run(async (tx) =>
        this.onboardings.get(tx, await this.onboardings.begin(tx, actor, underKey)),
      ),
    );
  }

  @Get('onboardings/:id')
  @RequirePermission('city:read')
  @ApiOkResponse({ standardSchema: onboardingView })
  async read(@Param({ schema: idParams }) { id }: z.infer<typeof idParams>): Promise<z.infer<typeof onboardingView>> {
    return this.present(await this.database.run((tx) => this.onboardings.get(tx, id)));
  }

  /** Replaces the answers; says at once what is still wrong or missing. */
  @Put('onboardings/:id')
  @RequirePermission('city:write')
  @ApiOkResponse({ standardSchema: onboardingView })
  async save(
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Body({ schema: draft }) body: z.infer<typeof draft>,
  ): Promise<z.infer<typeof onboardingView>> {
    return this.present(await this.database.run((tx) => this.onboardings.save(tx, id, body)));
  }

  @Delete('onboardings/:id')
  @HttpCode(204)
  @RequirePermission('city:write')
  @ApiNoContentResponse()
  async discard(@Param({ schema: idParams }) { id }: z.infer<typeof idParams>): Promise<void> {
    await this.database.run((tx) => this.onboardings.discard(tx, id));
  }

  /** Registers the city. The invitation's link is the city's own address with `/invitation#` and the token. */
  @Post('onboardings/:id/complete')
  @RequirePermission('city:write')
  @ApiCreatedResponse({ standardSchema: createdCity })
  async complete(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<z.infer<typeof createdCity>> {
    const { draft: answers } = await this.database.run((tx) => this.onboardings.get(tx, id));
    const { city, invitation } = await this.onboarding.onboard(actor, await readInput(createCity, answers), {
      onboardingId: id,
    });
    const state = await this.database.run((tx) => this.overview.get(tx, city.id));
    return {
      city: presentCity(state),
      invitation: invitation && presentInvitation(invitation),
    };
  }

  /** Plans on offer, for what a city asks for. */
  @Get('plans')
  @RequirePermission('city:read')
  @ApiOkResponse({ standardSchema: planChoices })
  async plans(): Promise<z.infer<typeof planChoices>> {
    return { items: await this.database.run((tx) => this.onboardings.plans(tx)) };
  }

  private async present({ id, draft: answers, updatedAt }: OnboardingDraft): Promise<z.infer<typeof onboardingView>> {
    return { id, draft: answers, faults: await this.faultsOf(answers), updatedAt: instant(updatedAt) };
  }

  private async faultsOf(answers: OnboardingDraft['draft']): Promise<FieldFault[]> {
    const { code } = answers as z.infer<typeof draft>;
    const taken = code ? await this.database.run((tx) => this.cities.findByCode(tx, code)) : null;
    const faults = taken ? [{ pointer: '/code', message: 'この団体コードは登録済みです。' }] : [];
    try {
      await readInput(createCity, answers);
      return faults;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return [...faults, ...(error.faults ?? [])];
    }
  }
}
