import { AuthGuard, type IAuthGuard } from '@nestjs/passport';
import { DomainError } from '#libs/kernel';

/** Passport's guard with the domain's answer to missing or dead credentials. */
export abstract class StrategyGuard {
  static of(...strategies: string[]): new () => IAuthGuard {
    return class extends AuthGuard(strategies) {
      override handleRequest<User>(error: unknown, user: User | false): User {
        if (error) throw error;
        if (!user) throw new DomainError('IDENTITY.UNAUTHENTICATED');
        return user;
      }
    };
  }
}
