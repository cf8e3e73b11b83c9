/**
 * Characters that show as nothing or change what is around them: controls (but tab and line feed), zero-width ones, those that turn the
 * direction of writing, tags, and halves of surrogate pairs.
 */
const TRICKS =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|[\ud800-\udfff]/gu;

/** A text in which every character can be seen: what can't is named by its code point, `⟨U+202E⟩`. The same text where all can. */
export function visibleText(text: string): string {
  return text.replace(
    TRICKS,
    (character) => `⟨U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟩`,
  );
}

/** The beginning of a text, `most` characters at most with the ellipsis that says that there is more. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = most - 1;
  // Not between the halves of a character.
  const isHalf = /[\ud800-\udbff]/.test(text.charAt(end - 1));
  return `${text.slice(0, isHalf ? end - 1 : end)}…`;
}

/** The beginning of an id, which tells it from its neighbours. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}
