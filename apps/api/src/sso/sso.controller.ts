import { Body, Controller, Get, Post, Query, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import type { Entrance } from '#libs/identity';
import { DomainError } from '#libs/kernel';
import { type Arrival, SsoSignIn } from '#libs/sso';
import { CITY_COOKIES, giveCookie } from '../access/cookies.ts';
import { Public } from '../access/permission.ts';
import type { ApiRequest } from '../http/api-request.ts';
import { SignInFailures } from './sign-in-failures.ts';
import { Arrived } from './arrived.ts';
import { LONGEST_RETURN_PATH } from './return-path.ts';
import { giveDeparture, leftFrom, takeDeparture } from './sso-cookie.ts';
import { signInPage } from './sign-in-page.ts';
import { SsoReturnGuard } from './sso-return.strategy.ts';

const cityCode = z.string().regex(/^\d{6}$/);
const optionsQuery = z.strictObject({ cityCode });
const options = z
  .object({ providers: z.array(z.object({ id: z.uuid(), name: z.string() })) })
  .meta({ id: 'SignInOptions' });
const beginSignIn = z
  .strictObject({
    cityCode,
    providerId: z.uuid(),
    /** The page of the portal to come back to; anything else leads to the first page. */
    returnTo: z.string().max(LONGEST_RETURN_PATH).optional(),
  })
  .meta({ id: 'BeginSsoSignIn' });
const departure = z.object({ location: z.string() }).meta({ id: 'SsoDeparture' });

const REDIRECT = { status: 303, description: 'To the portal: signed in, or to the sign-in page with a code.' } as const;

function entranceOf({ network }: ApiRequest): Entrance {
  if (!network?.segment) throw new DomainError('REQUEST.NOT_FOUND');
  return network;
}

/** Sign-in by the city's own identity provider. */
@ApiTags('sso')
@Controller('api/v1/sso')
export class SsoController {
  constructor(private readonly signIn: SsoSignIn) {}

  /** The identity providers a city offers on this network; none, also, of a city that is not here. */
  @Get('options')
  @Public()
  @ApiOkResponse({ standardSchema: options })
  async options(
    @Query({ schema: optionsQuery }) query: z.infer<typeof optionsQuery>,
    @Req() request: ApiRequest,
  ): Promise<z.infer<typeof options>> {
    return { providers: await this.signIn.offered(query.cityCode, entranceOf(request)) };
  }

  /** Begins a sign-in: the browser then goes to `location`, and has ten minutes to come back. */
  @Post('requests')
  @Public()
  @ApiCreatedResponse({ standardSchema: departure })
  async begin(
    @Body({ schema: beginSignIn }) body: z.infer<typeof beginSignIn>,
    @Req() request: ApiRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<z.infer<typeof departure>> {
    const left = await this.signIn.depart(body.cityCode, body.providerId, entranceOf(request));
    giveDeparture(response, body.providerId, left, body.returnTo);
    return { location: left.location };
  }

  /** Where an identity provider posts its answer through the browser: SAML responses, and ID tokens by form. */
  @Post(':providerId/acs')
  @Public()
  @UseGuards(SsoReturnGuard)
  @UseFilters(SignInFailures)
  @ApiResponse({ ...REDIRECT, content: { 'text/html': {} } })
  consume(@Arrived() arrival: Arrival, @Req() request: ApiRequest, @Res() response: Response): void {
    welcome(arrival, request, response);
  }

  /** Where an OpenID provider sends the browser with a code. */
  @Get(':providerId/callback')
  @Public()
  @UseGuards(SsoReturnGuard)
  @UseFilters(SignInFailures)
  @ApiResponse({ ...REDIRECT, content: { 'text/html': {} } })
  callBack(@Arrived() arrival: Arrival, @Req() request: ApiRequest, @Res() response: Response): void {
    welcome(arrival, request, response);
  }
}

function welcome(arrival: Arrival, request: ApiRequest, response: Response): void {
  takeDeparture(response, String(request.params['providerId']));
  if (arrival.kind === 'tested') return response.redirect(303, `/admin/sign-in?tested=${arrival.providerId}`);
  giveCookie(response, CITY_COOKIES.session, arrival);
  const next = leftFrom(request);
  response.redirect(303, arrival.kind === 'unfinished' ? signInPage({ step: '1' }, next) : next);
}
