# SPDX-License-Identifier: Apache-2.0
"""What benchmarks of growing cost share: the best time of a call, and curves on logarithmic axes."""

import time

import jax


def best(f, *arguments, limit, repeats=3, clock=time.perf_counter):
    """Seconds of the quickest call, the first one (compilation) not counted; one call where they are slow."""
    jax.block_until_ready(f(*arguments))
    times = []
    while len(times) < repeats and sum(times) < limit:
        begun = clock()
        jax.block_until_ready(f(*arguments))
        times.append(clock() - begun)
    return min(times)


def draw(path, panels):
    """Panels side by side, each (label of x, label of y, {name: pairs (x, y)}); a name looks the same in all."""
    from isinglass.report.style import MARKERS, color, house_style, new_figure

    with house_style():
        figure, axes = new_figure(len(panels), width=4.0 * len(panels) + 1.6, height=4.4)
        names = list(dict.fromkeys(name for *_, curves in panels for name in curves))
        for panel, (x, y, curves) in zip(axes, panels, strict=True):
            for name, pairs in curves.items():
                i = names.index(name)
                (drawn,) = panel.plot(*zip(*sorted(pairs), strict=True), label=name)
                drawn.set(color=color(i), linestyle="-" if i < 7 else "--", marker=MARKERS[(i + i // 7) % 7])
            panel.set(xscale="log", yscale="log", xlabel=x, ylabel=y)
            panel.tick_params(axis="x", which="minor", labelbottom=False)
            places = sorted({place for pairs in curves.values() for place, _ in pairs})
            if len(places) <= 8:
                panel.set_xticks(places, [str(place) for place in places])
        handles = {h.get_label(): h for panel in axes for h in panel.lines}
        figure.legend(
            fontsize=8, handles=[handles[name] for name in names], loc="outside right upper", handlelength=3.5
        )
        figure.savefig(path)
