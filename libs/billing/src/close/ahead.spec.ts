import { describe, expect, it } from 'vitest';
import { ahead } from './ahead.ts';

async function* numbers(said: string[], until: number): AsyncGenerator<number> {
  try {
    for (let number = 1; number <= until; number += 1) {
      said.push(`makes ${number}`);
      yield Promise.resolve(number);
    }
    throw new Error('no more');
  } finally {
    said.push('ends');
  }
}

describe('what is made ahead', () => {
  it('is begun while the one before is in use, and fails in its turn', async () => {
    const said: string[] = [];
    const use = async (): Promise<void> => {
      for await (const number of ahead(numbers(said, 2))) said.push(`uses ${number}`);
    };
    await expect(use()).rejects.toThrow('no more');
    expect(said).toEqual(['makes 1', 'makes 2', 'uses 1', 'ends', 'uses 2']);
  });

  it('is ended with whoever asked, and its failure then is nobody’s', async () => {
    const said: string[] = [];
    for await (const number of ahead(numbers(said, 1))) {
      said.push(`uses ${number}`);
      break;
    }
    expect(said).toEqual(['makes 1', 'ends', 'uses 1']);
  });
});
