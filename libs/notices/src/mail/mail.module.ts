import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { MailConfig, SmtpConfig } from '#libs/config';
import { MailDeliveries } from './mail-deliveries.ts';
import { MailOutbox } from './mail-outbox.ts';
import { MailPreferencesBook } from './mail-preferences.ts';
import { MailRunner, SMTP_CONFIG } from './mail-runner.ts';
import { MAIL_CONFIG, Mailer } from './mailer.ts';

/** Where mails are written down: the api, and the worker for what becomes due by itself. */
@Global()
@Module({})
export class MailModule {
  static forRoot(config: MailConfig): DynamicModule {
    return { module: MailModule, providers: [{ provide: MAIL_CONFIG, useValue: config }, Mailer], exports: [Mailer] };
  }
}

const DESK_DOORS = [MailOutbox, MailPreferencesBook];

/** Where people see to them: operations to what did not arrive, members to what they do without. */
@Module({ providers: DESK_DOORS, exports: DESK_DOORS })
export class MailDeskModule {}

const DOORS = [MailDeliveries, MailRunner];

/** Where they are sent: the worker. */
@Module({})
export class MailSendingModule {
  /** @param config null: none is sent */
  static forRoot(config: SmtpConfig | null): DynamicModule {
    return {
      module: MailSendingModule,
      providers: [{ provide: SMTP_CONFIG, useValue: config }, ...DOORS],
      exports: DOORS,
    };
  }
}
