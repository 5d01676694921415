import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { fromRoot } from '../lib/root.mjs';

const PORTAL = fromRoot('apps', 'portal');

interface Messages {
  readonly [key: string]: string | Messages;
}

/**
 * Names the portal's messages that no page shows: dead words would be translated and reviewed for nothing. The type checker
 * is asked, because only it knows what `t(state)` may be; that both languages have the same keys is a matter of compiling.
 */
function main(): void {
  const messages = JSON.parse(readFileSync(join(PORTAL, 'messages', 'ja.json'), 'utf8')) as Messages;
  const program = portalProgram();
  const checker = program.getTypeChecker();
  const used = new Set<string>();
  const problems: string[] = [];

  const visit = (node: ts.Node): void => {
    const namespaces = ts.isCallExpression(node) ? namespacesOf(checker, node.expression) : undefined;
    if (ts.isCallExpression(node) && namespaces) {
      const keys = keysOf(checker, node);
      if (keys.length === 0) problems.push(`${placeOf(node)}: cannot tell which message this is`);
      for (const namespace of namespaces) for (const key of keys) used.add(namespace + key);
    }
    ts.forEachChild(node, visit);
  };
  for (const file of program.getSourceFiles())
    if (file.fileName.startsWith(`${PORTAL}/`) && !file.fileName.includes('/node_modules/')) visit(file);

  for (const key of leavesOf(messages)) if (!used.has(key)) problems.push(`messages: ${key} is not shown anywhere`);
  if (problems.length > 0) console.log(problems.join('\n'));
  process.exitCode = problems.length > 0 ? 1 : 0;
}

function portalProgram(): ts.Program {
  const host: ts.ParseConfigFileHost = {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
      throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
    },
  };
  const config = ts.getParsedCommandLineOfConfigFile(join(PORTAL, 'tsconfig.json'), { incremental: false }, host)!;
  return ts.createProgram(config.fileNames, config.options);
}

/** What the keys of a call stand below, with the dot; undefined where the callee is no translator. */
function namespacesOf(checker: ts.TypeChecker, callee: ts.Expression): string[] | undefined {
  // `t(key)`, or `t.rich(key)` and its like
  const translator = ts.isPropertyAccessExpression(callee) ? callee.expression : callee;
  if (!ts.isIdentifier(translator)) return undefined;
  const { aliasSymbol, aliasTypeArguments } = checker.getTypeAtLocation(translator);
  if (aliasSymbol?.name !== 'Translator') return undefined;
  const namespaces = literalsOf(aliasTypeArguments?.[1]);
  return namespaces.length > 0 ? namespaces.map((namespace) => `${namespace}.`) : [''];
}

/** All that the key of this call may be. */
function keysOf(checker: ts.TypeChecker, call: ts.CallExpression): string[] {
  const key = checker.getResolvedSignature(call)?.parameters[0];
  return literalsOf(key && checker.getTypeOfSymbolAtLocation(key, call));
}

function literalsOf(type: ts.Type | undefined): string[] {
  const parts = type?.isUnion() ? type.types : type ? [type] : [];
  return parts.flatMap((part) => (part.isStringLiteral() ? [part.value] : []));
}

function leavesOf(messages: Messages, above = ''): string[] {
  return Object.entries(messages).flatMap(([key, value]) =>
    typeof value === 'string' ? [above + key] : leavesOf(value, `${above}${key}.`),
  );
}

function placeOf(node: ts.Node): string {
  const file = node.getSourceFile();
  const { line } = file.getLineAndCharacterOfPosition(node.getStart());
  return `${relative(fromRoot(), file.fileName)}:${line + 1}`;
}

main();
