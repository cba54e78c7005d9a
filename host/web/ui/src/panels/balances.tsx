/* What the account owns: free to use, and locked by its open orders. */
import { format, grouped, read, trimmed } from "../decimal";
import * as state from "../state";

/** About nine figures; all of them are in the row's title. */
function amount(text: string): string {
    const point = text.indexOf(".");
    const kept = point < 0 ? text : text.slice(0, point + 1 + Math.max(2, 8 - point));
    return grouped(trimmed(kept, 2));
}

export function Balances() {
    const instrument = state.instrument.value;
    const now = (asset: string) => asset === instrument?.baseAsset || asset === instrument?.quoteAsset;
    const sum = (a: string, b: string) => grouped(trimmed(format(read(a, state.ASSET_DECIMALS) + read(b, state.ASSET_DECIMALS), state.ASSET_DECIMALS)));
    return (
        <section class="panel balances" aria-label="Balances">
            <header class="panel-head">
                <h2>Balances</h2>
            </header>
            <div class="list">
                {state.balances.value.length === 0 ? (
                    <p class="empty">{state.noAccount.value || "Nothing here yet."}</p>
                ) : (
                    <table>
                        <thead>
                            <tr>
                                <th scope="col">Asset</th>
                                <th scope="col" class="figure">
                                    Free
                                </th>
                                <th scope="col" class="figure">
                                    Locked
                                </th>
                            </tr>
                        </thead>
                        <tbody>
                            {state.balances.value.map((each) => (
                                <tr key={each.asset} data-asset={each.asset} class={now(each.asset) ? "now" : ""} title={`${each.free} free and ${each.locked} locked: ${sum(each.free, each.locked)} ${each.asset}`}>
                                    <th scope="row">{each.asset}</th>
                                    <td class="figure free">{amount(each.free)}</td>
                                    <td class="figure locked">{amount(each.locked)}</td>
                                </tr>
                            ))}
                        </tbody>
                    </table>
                )}
            </div>
        </section>
    );
}
