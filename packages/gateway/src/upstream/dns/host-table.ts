import { readFileSync } from 'node:fs';

/** Addresses by name from a hosts file, IPv4 before IPv6. A file that can't be read is empty. */
export function readHostsFile(path = '/etc/hosts'): ReadonlyMap<string, string> {
  const table = new Map<string, string>([['localhost', '127.0.0.1']]);
  let text = '';
  try {
    text = readFileSync(path, 'latin1');
  } catch {
    // Without a hosts file names are looked up in the DNS alone.
  }
  for (const line of text.split('\n')) {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    for (const name of names) {
      const known = table.get(name.toLowerCase());
      if (address !== undefined && (known === undefined || known.includes(':')))
        table.set(name.toLowerCase(), address);
    }
  }
  return table;
}
