export {
  BILLING_CLOSE,
  EXITS_RUN,
  EXPORTS_RUN,
  INVOICE_ARCHIVES,
  JOBS_RUN,
  MAILS_SEND,
  type MailDelivery,
  QUEUES,
  type RunDelivery,
} from './contracts.ts';
export { type Consumer, type Producer, QueueHost } from './queue-host.ts';
export { migrateQueue } from './queue-schema.ts';
export { QueueModule } from './queue.module.ts';
export { type Signal, Signals } from './signals.ts';
