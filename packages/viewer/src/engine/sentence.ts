/** A message as a sentence: it begins with a capital and ends with a stop. */
export function sentence(text: string): string {
  const upper = text.charAt(0).toUpperCase() + text.slice(1);
  return upper === '' || /[.!?…]$/.test(upper) ? upper : `${upper}.`;
}
