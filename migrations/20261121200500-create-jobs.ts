import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly, segmentPolicy } from './owner.ts';

/** Conversations and jobs. Columns named *_sealed hold AES-256-GCM ciphertext under the tenant's data key. */
export class CreateJobs20261121200500 implements MigrationInterface {
  name = 'CreateJobs20261121200500';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `CREATE TABLE conversations (
         tenant_id uuid NOT NULL,
         segment text NOT NULL CHECK (segment IN ('my_number', 'lgwan', 'internet')),
         id uuid NOT NULL,
         member_id uuid NOT NULL,
         title_sealed bytea NOT NULL,
         created_at timestamptz NOT NULL,
         updated_at timestamptz NOT NULL,
         PRIMARY KEY (tenant_id, id),
         FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
       )`,
      'CREATE INDEX conversations_of_member ON conversations (tenant_id, member_id, updated_at DESC, id DESC)',
      ...segmentPolicy('conversations'),
      'GRANT SELECT, INSERT, DELETE ON conversations TO moyai_app',
      'GRANT UPDATE (title_sealed, updated_at) ON conversations TO moyai_app',

      `CREATE TABLE jobs (
         tenant_id uuid NOT NULL REFERENCES tenants (id),
         segment text NOT NULL CHECK (segment IN ('my_number', 'lgwan', 'internet')),
         id uuid NOT NULL,
         kind text NOT NULL CHECK (kind IN ('chat')),
         status text NOT NULL CHECK (status IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
         member_id uuid,
         api_key_id uuid,
         actor_id uuid GENERATED ALWAYS AS (coalesce(member_id, api_key_id)) STORED,
         department_id uuid,
         conversation_id uuid,
         purpose_id uuid,
         model text NOT NULL,
         max_tokens integer NOT NULL CHECK (max_tokens > 0),
         -- erased (NULL) when the conversation is deleted; the row stays as the fact behind the bill
         input_sealed bytea,
         output_sealed bytea,
         input_bytes integer NOT NULL CHECK (input_bytes >= 0),
         output_bytes integer NOT NULL DEFAULT 0 CHECK (output_bytes >= 0),
         -- how much of the conversation may be sent before the new messages: what the reservation counted
         history_bytes integer NOT NULL DEFAULT 0 CHECK (history_bytes >= 0),
         idempotency_key text CHECK (length(idempotency_key) BETWEEN 1 AND 255),
         -- keyed fingerprint of the request: a plain hash of a short text could be guessed back
         request_fingerprint bytea,
         deployment_id text,
         simulated boolean,
         -- counts executions; a settlement is accepted only from the execution that holds the current number
         fence integer NOT NULL DEFAULT 0,
         worker_address text,
         finish_reason text CHECK (finish_reason IN ('stop', 'length', 'content_filter')),
         error_code text,
         accepted_at timestamptz NOT NULL,
         started_at timestamptz,
         finished_at timestamptz,
         PRIMARY KEY (tenant_id, id),
         FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id),
         FOREIGN KEY (tenant_id, api_key_id) REFERENCES api_keys (tenant_id, id),
         FOREIGN KEY (tenant_id, department_id) REFERENCES departments (tenant_id, id),
         FOREIGN KEY (tenant_id, purpose_id) REFERENCES purposes (tenant_id, id),
         FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id) ON DELETE SET NULL (conversation_id),
         CHECK ((member_id IS NULL) <> (api_key_id IS NULL)),
         CHECK ((idempotency_key IS NULL) = (request_fingerprint IS NULL)),
         CHECK ((status IN ('completed', 'failed', 'cancelled')) = (finished_at IS NOT NULL))
       )`,
      `CREATE UNIQUE INDEX jobs_idempotency ON jobs (tenant_id, segment, actor_id, idempotency_key)
         WHERE idempotency_key IS NOT NULL`,
      `CREATE INDEX jobs_of_conversation ON jobs (tenant_id, conversation_id, accepted_at) WHERE conversation_id IS NOT NULL`,
      ...segmentPolicy('jobs'),
      'GRANT SELECT, INSERT ON jobs TO moyai_app',
      `GRANT UPDATE (status, input_sealed, output_sealed, output_bytes, deployment_id, simulated, fence, worker_address,
         finish_reason, error_code, started_at, finished_at) ON jobs TO moyai_app`,
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
