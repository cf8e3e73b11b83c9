/** The room of table rows that are not drawn, in pixels. */
export function RowGap({ height }: { readonly height: number }) {
  if (height === 0) return null;
  return (
    <tr style={{ height }}>
      <td />
    </tr>
  );
}
