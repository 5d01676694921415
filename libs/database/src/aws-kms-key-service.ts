import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  KMSClient,
  type KeyMetadata,
  NotFoundException,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import type { TenantId } from '#libs/kernel';
import type { KeyDestruction, KeyService, WrappedKey } from './key-service.ts';

/** The shortest that AWS allows. The key is of no use from the first minute; until the end an operator could take it back. */
const PENDING_DAYS = 7;
const DAY_MS = 86_400_000;

/**
 * Wraps with a key per city in AWS KMS, found by its alias; the tenant is the encryption context too, so KMS itself refuses
 * another tenant's key. The alias of a destroyed key stays, so that no process makes the city another one.
 */
export class AwsKmsKeyService implements KeyService {
  private readonly client: KMSClient;

  /** @param sharedKeyId the one key of earlier versions, as long as data keys are wrapped by it */
  constructor(
    private readonly aliasPrefix: string,
    region: string,
    private readonly sharedKeyId?: string,
  ) {
    this.client = new KMSClient({ region });
  }

  async generate(tenantId: TenantId): Promise<WrappedKey & { readonly key: Buffer }> {
    const { Arn: wrappingKeyId } = await this.ownKey(tenantId);
    const made = await this.client.send(
      new GenerateDataKeyCommand({ KeyId: wrappingKeyId, KeySpec: 'AES_256', EncryptionContext: { tenantId } }),
    );
    if (!made.Plaintext || !made.CiphertextBlob || !wrappingKeyId) throw new Error('KMS returned no data key');
    return { key: Buffer.from(made.Plaintext), wrappedKey: Buffer.from(made.CiphertextBlob), wrappingKeyId };
  }

  async unwrap(tenantId: TenantId, { wrappedKey }: WrappedKey): Promise<Buffer> {
    const opened = await this.client.send(
      new DecryptCommand({ CiphertextBlob: wrappedKey, EncryptionContext: { tenantId } }),
    );
    if (!opened.Plaintext) throw new Error('KMS returned no data key');
    return Buffer.from(opened.Plaintext);
  }

  async rewrap(tenantId: TenantId, wrapped: WrappedKey): Promise<WrappedKey | null> {
    const { Arn: wrappingKeyId } = await this.ownKey(tenantId);
    if (!wrappingKeyId || wrapped.wrappingKeyId === wrappingKeyId) return null;
    const key = await this.unwrap(tenantId, wrapped);
    const { CiphertextBlob } = await this.client.send(
      new EncryptCommand({ KeyId: wrappingKeyId, Plaintext: key, EncryptionContext: { tenantId } }),
    );
    if (!CiphertextBlob) throw new Error('KMS returned no wrapped key');
    return { wrappedKey: Buffer.from(CiphertextBlob), wrappingKeyId };
  }

  async destroy(tenantId: TenantId): Promise<KeyDestruction> {
    const key = await this.ownKey(tenantId);
    const wrappingKeyId = key.Arn!;
    if (key.KeyState !== 'PendingDeletion') {
      await this.client.send(new DisableKeyCommand({ KeyId: wrappingKeyId }));
      await this.client.send(
        new ScheduleKeyDeletionCommand({ KeyId: wrappingKeyId, PendingWindowInDays: PENDING_DAYS }),
      );
    }
    const { DeletionDate: finalAt = new Date() } = (await this.find(tenantId)) ?? {};
    return { wrappingKeyId, destroyedAt: new Date(finalAt.getTime() - PENDING_DAYS * DAY_MS), finalAt };
  }

  async traces(tenantId: TenantId): Promise<string[]> {
    const key = await this.find(tenantId);
    const own = key && key.KeyState !== 'PendingDeletion' ? [key.Arn!] : [];
    return [...own, ...(this.sharedKeyId ? [this.sharedKeyId] : [])];
  }

  private async ownKey(tenantId: TenantId): Promise<KeyMetadata> {
    const found = await this.find(tenantId);
    if (found) return found;
    const { KeyMetadata: made } = await this.client.send(
      new CreateKeyCommand({
        Description: `Moyai ${tenantId}`,
        Tags: [{ TagKey: 'moyai:tenant', TagValue: tenantId }],
      }),
    );
    // Of two at once one gives its alias; the other's key is used by nobody.
    await this.client
      .send(new CreateAliasCommand({ AliasName: this.alias(tenantId), TargetKeyId: made!.KeyId }))
      .catch(async (error: unknown) => {
        await this.client.send(
          new ScheduleKeyDeletionCommand({ KeyId: made!.KeyId, PendingWindowInDays: PENDING_DAYS }),
        );
        if ((error as Error).name !== 'AlreadyExistsException') throw error;
      });
    return (await this.find(tenantId))!;
  }

  private async find(tenantId: TenantId): Promise<KeyMetadata | undefined> {
    try {
      return (await this.client.send(new DescribeKeyCommand({ KeyId: this.alias(tenantId) }))).KeyMetadata;
    } catch (error) {
      if (error instanceof NotFoundException) return undefined;
      throw error;
    }
  }

  private alias(tenantId: TenantId): string {
    return `${this.aliasPrefix}${tenantId}`;
  }
}
