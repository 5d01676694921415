import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Param,
  Patch,
  Post,
  Put,
  Req,
  Res,
  StreamableFile,
} from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import type { MemberActor } from '#libs/identity';
import { Clock, DomainError } from '#libs/kernel';
import { type IdentityProvider, ProviderAdministration, SsoSignIn, serviceProviderMetadata } from '#libs/sso';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission, RequireStepUp } from '../access/permission.ts';
import type { ApiRequest } from '../http/api-request.ts';
import { AcceptsIdempotencyKey, idempotencyKey } from '../http/idempotency.ts';
import { readInput } from '../http/request-input.ts';
import { ownOrigin } from '../http/same-origin.ts';
import { idParams } from '../http/wire.ts';
import {
  changeProvider,
  configureOidc,
  configureSaml,
  createProvider,
  identityProvider,
  identityProviders,
  presentProvider,
} from './provider-schemas.ts';
import { giveDeparture } from './sso-cookie.ts';

type Wire = z.infer<typeof identityProvider>;
type Id = z.infer<typeof idParams>;

const departure = z.object({ location: z.string() }).meta({ id: 'SsoDeparture' });
const SAML_METADATA = 'application/samlmetadata+xml';

/** The city's identity providers on the network the administrator is signed in on. */
@ApiTags('identity-providers')
@Controller('api/v1/identity-providers')
export class IdentityProvidersController {
  constructor(
    private readonly administration: ProviderAdministration,
    private readonly signIn: SsoSignIn,
    private readonly clock: Clock,
  ) {}

  @Get()
  @RequirePermission('identity-provider:read')
  @ApiOkResponse({ standardSchema: identityProviders })
  async list(@CurrentActor() actor: MemberActor): Promise<z.infer<typeof identityProviders>> {
    return { items: (await this.administration.list(actor)).map((provider) => this.present(provider)) };
  }

  @Get(':id')
  @RequirePermission('identity-provider:read')
  @ApiOkResponse({ standardSchema: identityProvider })
  async get(@CurrentActor() actor: MemberActor, @Param({ schema: idParams }) { id }: Id): Promise<Wire> {
    return this.present(await this.administration.get(actor, id));
  }

  /** Not usable yet, but with addresses: the identity provider is told of us first. They keep the host of this request. */
  @Post()
  @RequirePermission('identity-provider:write')
  @RequireStepUp()
  @AcceptsIdempotencyKey('Scoped to the member.')
  @ApiCreatedResponse({ standardSchema: identityProvider })
  async create(
    @CurrentActor() actor: MemberActor,
    @Body({ schema: createProvider }) body: z.infer<typeof createProvider>,
    @Headers('idempotency-key') key: string | undefined,
    @Req() request: ApiRequest,
  ): Promise<Wire> {
    const underKey = await readInput(idempotencyKey, key);
    const origin = ownOrigin(request);
    if (!origin) throw new DomainError('REQUEST.MALFORMED');
    return this.present(await this.administration.create(actor, { ...body, origin }, underKey));
  }

  /** Switching one off signs its people out. */
  @Patch(':id')
  @RequirePermission('identity-provider:write')
  @RequireStepUp()
  @ApiOkResponse({ standardSchema: identityProvider })
  async change(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: Id,
    @Body({ schema: changeProvider }) change: z.infer<typeof changeProvider>,
  ): Promise<Wire> {
    return this.present(await this.administration.change(actor, id, change));
  }

  /** Takes the metadata file of a SAML identity provider. Nothing it names is fetched. */
  @Put(':id/saml')
  @RequirePermission('identity-provider:write')
  @RequireStepUp()
  @ApiOkResponse({ standardSchema: identityProvider })
  async configureSaml(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: Id,
    @Body({ schema: configureSaml }) { metadata }: z.infer<typeof configureSaml>,
  ): Promise<Wire> {
    return this.present(await this.administration.configureSaml(actor, id, metadata));
  }

  /** Takes the metadata and the public keys of an OpenID provider. Nothing they name is fetched. */
  @Put(':id/oidc')
  @RequirePermission('identity-provider:write')
  @RequireStepUp()
  @ApiOkResponse({ standardSchema: identityProvider })
  async configureOidc(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: Id,
    @Body({ schema: configureOidc }) upload: z.infer<typeof configureOidc>,
  ): Promise<Wire> {
    return this.present(await this.administration.configureOidc(actor, id, upload));
  }

  /** Our own SAML metadata, for the administrator of the identity provider. */
  @Get(':id/service-provider.xml')
  @RequirePermission('identity-provider:read')
  @ApiOkResponse({ content: { [SAML_METADATA]: { schema: { type: 'string', format: 'binary' } } } })
  async metadata(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: Id,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    const provider = await this.administration.get(actor, id);
    if (provider.kind !== 'saml') throw new DomainError('REQUEST.NOT_FOUND');
    response.attachment('moyai-service-provider.xml');
    return new StreamableFile(Buffer.from(serviceProviderMetadata(provider)), { type: SAML_METADATA });
  }

  /** Tries the provider out: the browser goes to `location`, nobody is signed in, and the result stands in `lastTest`. */
  @Post(':id/tests')
  @RequirePermission('identity-provider:write')
  @ApiCreatedResponse({ standardSchema: departure })
  async test(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: Id,
    @Res({ passthrough: true }) response: Response,
  ): Promise<z.infer<typeof departure>> {
    const left = await this.signIn.departForTest(actor.scope, actor.id, id);
    giveDeparture(response, id, left);
    return { location: left.location };
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('identity-provider:write')
  @RequireStepUp()
  @ApiNoContentResponse()
  remove(@CurrentActor() actor: MemberActor, @Param({ schema: idParams }) { id }: Id): Promise<void> {
    return this.administration.remove(actor, id);
  }

  private present(provider: IdentityProvider): Wire {
    return presentProvider(provider, this.clock.now());
  }
}
