import { pieces } from '../engine/node-words.ts';

/** A sentence in which settings and file names are set as code. */
export function CodedText({ text }: { readonly text: string }) {
  let offset = 0;
  return (
    <>
      {pieces(text).map((piece) => {
        const key = offset;
        offset += piece.text.length;
        return piece.isCode ? <code key={key}>{piece.text}</code> : <span key={key}>{piece.text}</span>;
      })}
    </>
  );
}
