package dev.tomp3.converter;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** The boxes of an ISO or QuickTime file, to be taken apart, changed, and put together again. */
public final class Boxes {
    private static final Set<String> PARENTS =
            Set.of("moov", "trak", "mdia", "minf", "dinf", "stbl", "mvex", "moof", "traf");

    public final String type;
    public final List<Boxes> children = new ArrayList<>();
    public byte[] body;

    public Boxes(String type, byte[] body) {
        this.type = type;
        this.body = body;
    }

    /** All of a file, as a box without a type of its own. */
    public static Boxes of(byte[] file) {
        Boxes all = new Boxes("", new byte[0]);
        all.children.addAll(parse(file));
        return all;
    }

    private static List<Boxes> parse(byte[] bytes) {
        List<Boxes> found = new ArrayList<>();
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.remaining() >= 8) {
            int at = buffer.position();
            int size = buffer.getInt(at);
            String type = new String(bytes, at + 4, 4, StandardCharsets.ISO_8859_1);
            Boxes box = new Boxes(type, Arrays.copyOfRange(bytes, at + 8, at + size));
            if (PARENTS.contains(type)) {
                box.children.addAll(parse(box.body));
                box.body = new byte[0];
            }
            found.add(box);
            buffer.position(at + size);
        }
        return found;
    }

    /** Every box of a type, at any depth. */
    public List<Boxes> all(String wanted) {
        List<Boxes> found = new ArrayList<>();
        for (Boxes child : children) {
            if (child.type.equals(wanted)) found.add(child);
            found.addAll(child.all(wanted));
        }
        return found;
    }

    public byte[] bytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        if (type.isEmpty()) {
            children.forEach(child -> out.writeBytes(child.bytes()));
            return out.toByteArray();
        }
        byte[][] inner = children.stream().map(Boxes::bytes).toArray(byte[][]::new);
        int size = 8 + body.length + Arrays.stream(inner).mapToInt(bytes -> bytes.length).sum();
        out.writeBytes(ByteBuffer.allocate(4).putInt(size).array());
        out.writeBytes(type.getBytes(StandardCharsets.ISO_8859_1));
        for (byte[] bytes : inner) out.writeBytes(bytes);
        out.writeBytes(body);
        return out.toByteArray();
    }
}
