import 'reflect-metadata';
import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PERMISSIONS, ROLE_PERMISSIONS, SCOPE_PERMISSIONS, VENDOR_PERMISSIONS } from '#libs/identity';
import { type TestApi, createTestApi } from '../../test/test-api.ts';
import { NETWORK_RULE, type NetworkRule } from './network-rules.ts';
import { ACCESS, type Access, STEP_UP } from './permission.ts';

interface Route {
  readonly name: string;
  readonly path: string;
  readonly access: Access | undefined;
  readonly inputs: { readonly type: number; readonly hasSchema: boolean }[];
  readonly asksAgain: boolean;
  readonly rule: NetworkRule | undefined;
  readonly consumes: readonly string[];
  readonly responses: Record<string, { standardSchema?: unknown; content?: unknown }>;
}

/** Media types that are looked at and not kept, and what another server must know of us. */
const SHOWN = ['application/json', 'text/event-stream', 'text/html', 'application/samlmetadata+xml'];
const READ_FROM_OUTSIDE: number[] = [RouteParamtypes.BODY, RouteParamtypes.QUERY, RouteParamtypes.PARAM];

function routesOf({ app }: TestApi): Route[] {
  const controllers = [...app.get(ModulesContainer).values()].flatMap((module) => [...module.controllers.values()]);
  return controllers.flatMap(({ metatype, name }) => {
    const { prototype } = metatype as { prototype: Record<string, object> };
    return new MetadataScanner()
      .getAllMethodNames(prototype)
      .filter((method) => Reflect.hasMetadata(METHOD_METADATA, prototype[method]!))
      .map((method) => {
        const handler = prototype[method]!;
        const args: Record<string, { schema?: unknown }> =
          Reflect.getMetadata(ROUTE_ARGS_METADATA, metatype!, method) ?? {};
        return {
          name: `${RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as number]} ${name}.${method}`,
          path: String(Reflect.getMetadata(PATH_METADATA, metatype!)),
          access: Reflect.getMetadata(ACCESS, handler) as Access | undefined,
          inputs: Object.entries(args)
            .map(([key, { schema }]) => ({ type: Number(key.split(':')[0]), hasSchema: schema !== undefined }))
            .filter(({ type }) => READ_FROM_OUTSIDE.includes(type)),
          asksAgain: Reflect.hasMetadata(STEP_UP, handler),
          rule: Reflect.getMetadata(NETWORK_RULE, handler) as NetworkRule | undefined,
          consumes: Reflect.getMetadata('swagger/apiConsumes', handler) ?? [],
          responses: Reflect.getMetadata('swagger/apiResponse', handler) ?? {},
        };
      });
  });
}

describe('every route', () => {
  let api: TestApi;
  let routes: Route[];
  beforeAll(async () => {
    api = await createTestApi();
    routes = routesOf(api);
  });
  afterAll(() => api[Symbol.asyncDispose]());

  it('is found by this test as it is by the router', () => {
    const { stack } = api.app.getHttpAdapter().getInstance().router as { stack: { route?: object }[] };
    expect(routes.length).toBeGreaterThan(30);
    expect(stack.filter(({ route }) => route)).toHaveLength(routes.length);
  });

  it('declares a permission, or that it is public', () => {
    expect(routes.filter(({ access }) => access === undefined).map(({ name }) => name)).toEqual([]);
  });

  it('is public only to sign in, here or by an identity provider, to take up an invitation, to be described, to be watched, or to say prices and maintenance', () => {
    expect(new Set(routes.filter(({ access }) => access === 'public').map(({ name }) => name))).toEqual(
      new Set([
        'POST SessionsController.open',
        'POST VendorSessionsController.open',
        'GET SsoController.options',
        'POST SsoController.begin',
        'POST SsoController.consume',
        'GET SsoController.callBack',
        'POST InvitationsController.view',
        'POST InvitationsController.accept',
        'GET PriceListController.read',
        'GET NoticesController.onSignIn',
        'GET MaintenanceNoticesController.onSignIn',
        'GET OpenApiController.read',
        'GET HealthController.live',
        'GET HealthController.ready',
      ]),
    );
  });

  it('asks again who is there before it gives, widens or takes somebody’s way in, lets content out, or closes a city', () => {
    const factors = ['begin', 'beginPasskey', 'confirm', 'addPasskey', 'renewRecoveryCodes', 'remove'];
    const own = (controller: string) =>
      factors.map((method) => `${method === 'remove' ? 'DELETE' : 'POST'} ${controller}.${method}`);
    expect(new Set(routes.filter(({ asksAgain }) => asksAgain).map(({ name }) => name))).toEqual(
      new Set([
        ...own('OwnFactorsController'),
        ...own('OwnVendorFactorsController'),
        'POST MembersController.create',
        'PATCH MembersController.change',
        'DELETE MembersController.resetFactors',
        'POST MembersController.resetPassword',
        'POST InvitationsController.issue',
        'POST RosterImportsController.plan',
        'POST RosterInvitationsController.issue',
        'POST IdentityProvidersController.create',
        'PATCH IdentityProvidersController.change',
        'PUT IdentityProvidersController.configureSaml',
        'PUT IdentityProvidersController.configureOidc',
        'DELETE IdentityProvidersController.remove',
        'PUT LinkedMembersController.link',
        'DELETE LinkedMembersController.unlink',
        'PUT ProvisioningController.setRoles',
        'POST ApiKeysController.create',
        'DELETE ApiKeysController.revoke',
        'POST ServiceKeysController.create',
        'DELETE ServiceKeysController.revoke',
        'DELETE VendorUsersController.resetFactors',
        'PATCH SegmentPoliciesController.change',
        'PATCH CitySegmentPoliciesController.change',
        'POST CityContentAccessesController.approve',
        'PUT OwnerlessContentController.changeRule',
        'POST OwnerlessContentController.handOver',
        'POST HandoversController.takeBack',
        'POST DataExportsController.request',
        'POST OwnExitController.agree',
        'POST OwnExitController.receive',
        'POST CityExitsController.freeze',
        'POST CityExitsController.handOver',
        'POST CityExitsController.startDeletion',
        'POST CityExitsController.judge',
        'POST CityExitsController.confirmJudgement',
        'POST CitiesController.invite',
        'POST CitiesController.suspend',
      ]),
    );
  });

  it('asks on its plane for what only that plane can hold', () => {
    const vendor = new Set(Object.values(VENDOR_PERMISSIONS).flat());
    const city = new Set([...Object.values(ROLE_PERMISSIONS).flat(), ...Object.values(SCOPE_PERMISSIONS).flat()]);
    const unreachable = routes.filter(({ path, access }) => {
      const holders: Set<unknown> = /^\/?api\/(ops|finance)/.test(path) ? vendor : city;
      return access !== 'public' && !holders.has(access);
    });
    expect(unreachable.map(({ name }) => name)).toEqual([]);
  });

  it('reads body, query and path by a schema', () => {
    const unread = routes.filter(({ inputs }) => inputs.some(({ hasSchema }) => !hasSchema));
    expect(unread.map(({ name }) => name)).toEqual([]);
  });

  it('says by a schema what it answers', () => {
    const undescribed = routes
      .filter(({ path }) => !path.endsWith('openapi.json'))
      .filter(({ responses }) => {
        const answers = Object.entries(responses);
        return !answers.some(([status, { standardSchema, content }]) => standardSchema ?? content ?? status === '204');
      });
    expect(undescribed.map(({ name }) => name)).toEqual([]);
  });

  it('of a city that gives or takes a file says so, so that a network can forbid it', () => {
    const mediaTypes = ({ responses }: Route) =>
      Object.values(responses).flatMap(({ content }) => Object.keys(content ?? {}));
    const ofCities = routes.filter(({ path }) => /^\/?api\/v1/.test(path));
    const givers = ofCities.filter((route) => mediaTypes(route).some((type) => !SHOWN.includes(type)));
    const takers = ofCities.filter(({ consumes }) => consumes.some((type) => !type.includes('json')));
    expect(givers.length).toBeGreaterThan(4);
    expect(takers.length).toBeGreaterThan(0);
    const silent = [
      ...givers.filter(({ rule }) => rule !== 'download' && rule !== 'export'),
      ...takers.filter(({ rule }) => rule !== 'attachments'),
    ];
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  it('uses every permission there is, and no other', () => {
    expect(new Set(routes.map(({ access }) => access))).toEqual(new Set([...PERMISSIONS, 'public']));
  });
});
