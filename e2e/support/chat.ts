import type { Locator, Page } from 'playwright-core';
import type { Credentials } from './people.ts';

/** The chat as a person sees it: everything is found by the words on the screen. */
export class Chat {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async signIn({ cityCode, loginId, password }: Credentials): Promise<void> {
    await this.page.goto('/sign-in');
    await this.page.getByLabel('団体コード').fill(cityCode);
    await this.page.getByLabel('ログインID').fill(loginId);
    await this.page.getByLabel('パスワード').fill(password);
    await this.page.getByRole('button', { name: 'サインイン' }).click();
    await this.prompt.waitFor();
  }

  get prompt(): Locator {
    return this.page.getByRole('textbox', { name: '質問' });
  }

  async ask(text: string): Promise<void> {
    await this.prompt.fill(text);
    await this.page.getByRole('button', { name: '送信' }).click();
  }

  get turns(): Locator {
    return this.page.getByTestId('turn');
  }

  get lastTurn(): Locator {
    return this.turns.last();
  }

  get answer(): Locator {
    return this.lastTurn.getByTestId('answer');
  }

  /** Waits until the last turn is in this state. */
  async reaches(status: string): Promise<void> {
    await this.page.locator(`[data-testid=turn][data-status=${status}]`).last().waitFor();
  }

  get history(): Locator {
    return this.page.getByRole('navigation', { name: '会話の履歴' });
  }

  conversation(title: string): Locator {
    return this.history.getByRole('link', { name: title, exact: true });
  }

  dialog(name: string): Locator {
    return this.page.getByRole('dialog', { name });
  }
}
