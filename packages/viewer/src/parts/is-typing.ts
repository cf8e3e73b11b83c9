/** Whether a key goes to a field, a dialog or the browser, so that the page's own shortcuts must leave it alone. */
export function isTyping(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return true;
  // Where the key really went: an editor hides its own tree.
  const [target] = event.composedPath();
  return (
    target instanceof Element && target.closest('input, textarea, select, dialog, [contenteditable]') !== null
  );
}
