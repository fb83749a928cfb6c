package dev.tomp3.bench;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.geom.Rectangle2D;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jfree.chart.ChartFactory;
import org.jfree.chart.ChartUtils;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;
import org.jfree.svg.SVGGraphics2D;

/**
 * Plots of the results, as PNG and SVG. For each x value, a line keeps the first y value. A plot
 * without a line of at least two points is not written.
 */
final class Plots {
    private static final int WIDTH = 720;
    private static final int HEIGHT = 420;
    private static final Color[] COLOURS = {
        new Color(0x1b, 0x6c, 0xa8), new Color(0xd9, 0x5f, 0x02), new Color(0x5b, 0x8c, 0x2a)
    };

    private record Picture(
            String title, String x, String y, Map<String, TreeMap<Double, Double>> lines) {}

    private final Map<String, Picture> pictures = new LinkedHashMap<>();

    void timeAgainstDuration(String line, double minutes, double seconds) {
        point(
                "time",
                "From the first byte sent to the last received",
                "length of the video, minutes",
                "seconds",
                line,
                minutes,
                seconds);
    }

    void jobsAgainstConverters(String line, int converters, double jobs) {
        point(
                "converters",
                "Many 30-second clips",
                "converters",
                "jobs a minute",
                line,
                converters,
                jobs);
    }

    void memoryAgainstSize(String line, double megabytes, long memory) {
        point(
                "memory",
                "Most memory used",
                "size of the video, MB",
                "MB",
                line,
                megabytes,
                (double) memory);
    }

    private void point(
            String name, String title, String x, String y, String line, double at, double value) {
        pictures.computeIfAbsent(name, _ -> new Picture(title, x, y, new LinkedHashMap<>()))
                .lines
                .computeIfAbsent(line, _ -> new TreeMap<>())
                .putIfAbsent(at, value);
    }

    void write(Path directory) throws IOException {
        System.setProperty("java.awt.headless", "true");
        Files.createDirectories(directory);
        for (Map.Entry<String, Picture> each : pictures.entrySet()) {
            Picture picture = each.getValue();
            if (picture.lines.values().stream().noneMatch(line -> line.size() > 1)) continue;
            JFreeChart chart = chart(picture);
            ChartUtils.saveChartAsPNG(
                    directory.resolve(each.getKey() + ".png").toFile(), chart, WIDTH, HEIGHT);
            SVGGraphics2D svg = new SVGGraphics2D(WIDTH, HEIGHT);
            svg.setDefsKeyPrefix(each.getKey());
            chart.draw(svg, new Rectangle2D.Double(0, 0, WIDTH, HEIGHT));
            Files.writeString(
                    directory.resolve(each.getKey() + ".svg"), svg.getSVGElement() + "\n");
        }
    }

    private static JFreeChart chart(Picture picture) {
        XYSeriesCollection all = new XYSeriesCollection();
        picture.lines.forEach((name, points) -> {
            XYSeries series = new XYSeries(name);
            points.forEach(series::add);
            all.addSeries(series);
        });
        JFreeChart chart = ChartFactory.createXYLineChart(picture.title, picture.x, picture.y, all);
        XYPlot plot = chart.getXYPlot();
        plot.setBackgroundPaint(Color.WHITE);
        plot.setDomainGridlinePaint(Color.LIGHT_GRAY);
        plot.setRangeGridlinePaint(Color.LIGHT_GRAY);
        if (plot.getRangeAxis() instanceof NumberAxis axis) axis.setAutoRangeIncludesZero(true);
        if (picture.x.equals("converters"))
            plot.getDomainAxis().setStandardTickUnits(NumberAxis.createIntegerTickUnits());
        XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(true, true);
        for (int i = 0; i < all.getSeriesCount(); i++) {
            renderer.setSeriesPaint(i, COLOURS[i % COLOURS.length]);
            renderer.setSeriesStroke(i, new BasicStroke(2));
        }
        plot.setRenderer(renderer);
        return chart;
    }
}
