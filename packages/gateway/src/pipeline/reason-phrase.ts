import { STATUS_CODES } from 'node:http';

/** The reason phrase of a status code (RFC 9110 §15, and the registry behind it). */
export function reasonOf(status: number): string {
  return STATUS_CODES[status] ?? 'Unknown';
}
