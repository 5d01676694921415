import { type Filter, parse } from 'scim2-parse-filter';
import { DomainError } from '#libs/kernel';

const invalid = (cause?: unknown) => new DomainError('SCIM.FILTER_INVALID', { cause });

function parsed(text: string): Filter {
  try {
    return parse(text);
  } catch (error) {
    throw invalid(error);
  }
}

/**
 * Reads `attribute eq "value"`, which is all that identity providers look their users and groups up by.
 * @param attributes what may be asked for, by its name on the wire (RFC 7643: in any case)
 * @returns null when there is no filter
 * @throws DomainError SCIM.FILTER_INVALID
 */
export function readFilter<Attribute>(
  text: string | undefined,
  attributes: Record<string, Attribute>,
): { attribute: Attribute; value: string } | null {
  if (text === undefined) return null;
  const filter = parsed(text);
  if (filter.op !== 'eq' || typeof filter.compValue !== 'string') throw invalid();
  const name = filter.attrPath.toLowerCase();
  const found = Object.entries(attributes).find(([known]) => known.toLowerCase() === name);
  if (!found || filter.compValue === '') throw invalid();
  return { attribute: found[1], value: filter.compValue };
}
