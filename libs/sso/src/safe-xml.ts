import { DOMParser, type Element, type Node, onWarningStopParsing } from '@xmldom/xmldom';

const ELEMENT = 1;

/**
 * Parses XML of a stranger. Document types, entities, comments, CDATA and processing instructions are refused before the
 * parser sees them: none is needed, and each has been an attack. What the parser would mend or warn of is refused too.
 * @returns the outermost element; @throws Error
 */
export function parseStrictly(xml: string, options: { comments?: 'allowed' } = {}): Element {
  const body = xml.replace(/^\uFEFF?\s*<\?xml [^?<>]*\?>/, '');
  const plain = options.comments ? body.replaceAll(/<!--(?:(?!--)[^])*-->/g, '') : body;
  if (/<[!?]/.test(plain)) throw new Error('only elements and text are read');
  const document = new DOMParser({ onError: onWarningStopParsing }).parseFromString(plain.trim(), 'text/xml');
  if (!document.documentElement) throw new Error('no element');
  return document.documentElement;
}

const isElement = (node: Node): node is Element => node.nodeType === ELEMENT;

/** The child elements of that name. */
export const childrenOf = (parent: Element, namespace: string, name: string): Element[] =>
  Array.from(parent.childNodes).filter(
    (node): node is Element => isElement(node) && node.namespaceURI === namespace && node.localName === name,
  );

/** The one child of that name; null where there is none or more than one. */
export function onlyChild(parent: Element | null, namespace: string, name: string): Element | null {
  const found = parent ? childrenOf(parent, namespace, name) : [];
  return found.length === 1 ? found[0]! : null;
}

/** Every element below, whatever its namespace: a name that is looked for must not hide behind another one. */
export const everyElement = (root: Element): Element[] => [root, ...Array.from(root.getElementsByTagName('*'))];

export const textOf = (element: Element | null): string | null => element?.textContent ?? null;
export const attributeOf = (element: Element | null, name: string): string | null =>
  element?.getAttribute(name) || null;
