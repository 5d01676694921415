import { SCIM_BASE } from './scim-resources.ts';
import { LIMITS, SCHEMAS } from './scim-schemas.ts';

const metaOf = (resourceType: string, path: string) => ({ resourceType, location: `${SCIM_BASE}/${path}` });

export const SERVICE_PROVIDER = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: LIMITS.page },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: true },
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'Bearer',
      description: '団体の管理者が発行した、職員連携（SCIM）の鍵',
      specUri: 'https://www.rfc-editor.org/info/rfc6750',
      primary: true,
    },
  ],
  meta: metaOf('ServiceProviderConfig', 'ServiceProviderConfig'),
};

const resourceType = (id: string, endpoint: string, description: string, schema: string) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
  id,
  name: id,
  endpoint,
  description,
  schema,
  meta: metaOf('ResourceType', `ResourceTypes/${id}`),
});

export const RESOURCE_TYPES = [
  resourceType('User', '/Users', '職員', SCHEMAS.user),
  resourceType('Group', '/Groups', '所属', SCHEMAS.group),
];

type Mutability = 'readWrite' | 'readOnly';
interface Attribute {
  readonly type?: 'string' | 'boolean' | 'complex';
  readonly multiValued?: boolean;
  readonly required?: boolean;
  readonly mutability?: Mutability;
  readonly uniqueness?: 'none' | 'server';
  readonly subAttributes?: readonly object[];
}

const attribute = (name: string, description: string, more: Attribute = {}) => ({
  name,
  description,
  type: 'string',
  multiValued: false,
  required: false,
  caseExact: false,
  mutability: 'readWrite',
  returned: 'default',
  uniqueness: 'none',
  ...more,
});

const schema = (id: string, name: string, attributes: readonly object[]) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
  id,
  name,
  attributes,
  meta: metaOf('Schema', `Schemas/${id}`),
});

/** Only what is kept here: what a client sends beyond it is passed over. */
export const SCIM_SCHEMAS = [
  schema(SCHEMAS.user, 'User', [
    attribute('userName', 'ログインID（全角・半角と大文字・小文字を区別しない）', {
      required: true,
      uniqueness: 'server',
    }),
    attribute('externalId', '認証基盤での識別子', { uniqueness: 'server' }),
    attribute('displayName', '氏名'),
    attribute('name', 'displayName がないときの氏名', {
      type: 'complex',
      subAttributes: ['formatted', 'familyName', 'givenName'].map((part) => attribute(part, part)),
    }),
    attribute('emails', 'メールアドレス（主なもの1件）', {
      type: 'complex',
      multiValued: true,
      subAttributes: [
        attribute('value', 'アドレス'),
        attribute('type', '種類'),
        attribute('primary', '主', { type: 'boolean' }),
      ],
    }),
    attribute('roles', '役割の値（管理者が対応を決めたものだけが効く）', {
      type: 'complex',
      multiValued: true,
      subAttributes: [attribute('value', '値'), attribute('primary', '主', { type: 'boolean' })],
    }),
    attribute('active', '利用できるか', { type: 'boolean' }),
  ]),
  schema(SCHEMAS.group, 'Group', [
    attribute('displayName', '所属の名称', { required: true, mutability: 'readOnly' }),
    attribute('externalId', '所属コード', { mutability: 'readOnly', uniqueness: 'server' }),
    attribute('members', '所属する職員', {
      type: 'complex',
      multiValued: true,
      subAttributes: [attribute('value', '職員の id')],
    }),
  ]),
];
