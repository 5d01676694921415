const names = new Map<string, string>();

/** One prepared statement per SQL text: parsed and planned once per connection. Texts are constants, so few. */
export function preparedName(sql: string): string {
  let name = names.get(sql);
  if (!name) names.set(sql, (name = `moyai_${names.size}`));
  return name;
}
