import { type DestinationStream, type Logger as Pino, pino } from 'pino';
import type { LogConfig } from '#libs/config';
import { currentContext } from './request-context.ts';
import { errorFacts, idOrWithheld } from './withhold-content.ts';

/** Ids, codes and measures (the unit last in the name: `waitMs`), and what was thrown. Text of any other shape is withheld. */
export interface LogFields {
  readonly error?: unknown;
  readonly [name: string]: unknown;
}

type Level = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** Writes JSON lines. The event is a fixed name such as `job.settled`; what varies goes into the fields. */
export abstract class Log {
  abstract write(level: Level, event: string, fields?: LogFields): void;

  debug(event: string, fields?: LogFields): void {
    this.write('debug', event, fields);
  }
  info(event: string, fields?: LogFields): void {
    this.write('info', event, fields);
  }
  warn(event: string, fields?: LogFields): void {
    this.write('warn', event, fields);
  }
  error(event: string, fields?: LogFields): void {
    this.write('error', event, fields);
  }
}

class JsonLog extends Log {
  constructor(private readonly target: Pino) {
    super();
  }

  write(level: Level, event: string, fields: LogFields = {}): void {
    if (this.target.isLevelEnabled(level)) this.target[level](permitted(fields), event);
  }
}

function permitted({ error, ...fields }: LogFields): Record<string, unknown> {
  const line: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string') line[name] = idOrWithheld(value);
    else if (value instanceof Date) line[name] = value;
    else if (value === null || ['number', 'boolean', 'bigint'].includes(typeof value)) line[name] = value;
    else if (value !== undefined) line[name] = idOrWithheld('');
  }
  if (error !== undefined) line['error'] = errorFacts(error);
  return line;
}

/** @param name of the process (`api`, `worker`); @param destination standard output unless a test reads the lines */
export function createLogger(name: string, config: LogConfig, destination?: DestinationStream): Log {
  const options = {
    level: config.level,
    base: { service: name },
    messageKey: 'event',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level: string) => ({ level }) },
    mixin: () => ({ ...currentContext() }),
  };
  return new JsonLog(destination ? pino(options, destination) : pino(options));
}
