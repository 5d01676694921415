export { ConfigurationError, loadConfig } from './load-config.ts';
export * from './environments.ts';
export * from './issuer-environment.ts';
export * from './mail-environment.ts';
export * from './model-config.ts';
export * from './queue-environment.ts';
export * from './sso-environment.ts';
