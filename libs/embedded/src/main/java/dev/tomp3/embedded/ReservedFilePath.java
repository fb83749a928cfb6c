package dev.tomp3.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * H2's view of files that have a reserve, see {@link ReservedFile}: the path {@code
 * reserved:/data/users.mv.db} is the file {@code /data/users.mv.db}. H2 creates instances of this
 * class itself, so it is public.
 */
public final class ReservedFilePath extends FilePathWrapper {
    private static final String SCHEME = "reserved";
    private static final int DOCUMENTS = 32 << 20;
    private static final int DATABASE = 4 << 20;
    private static final Map<String, ReservedFile> OPEN = new ConcurrentHashMap<>();

    /** Makes the scheme known to H2. */
    public static void register() {
        FilePath.register(new ReservedFilePath());
    }

    static String name(Path file) {
        register();
        return SCHEME + ":" + file;
    }

    /** Whether so little of the reserve is left that nothing new is to be stored. */
    static boolean isLow(Path file) {
        ReservedFile open = OPEN.get(file.toString());
        return open != null && open.isLow();
    }

    @Override
    public String getScheme() {
        return SCHEME;
    }

    @Override
    public FileChannel open(String mode) throws IOException {
        FileChannel file = getBase().open(mode);
        String path = getBase().toString().replaceFirst("^file:", "");
        boolean documents = path.endsWith(".mv");
        if (!mode.contains("w") || !(documents || path.endsWith(".mv.db"))) return file;
        ReservedFile reserved =
                new ReservedFile(
                        file,
                        path,
                        documents ? DOCUMENTS : DATABASE,
                        () -> OPEN.remove(path),
                        System::nanoTime);
        OPEN.put(path, reserved);
        return reserved;
    }
}
