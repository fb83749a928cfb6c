package dev.tomp3.standalone;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;
import java.util.stream.Stream;

/**
 * DATA_DIR: everything that survives a restart. Only its owner has access, and only one process at
 * a time uses it: a file lock, which the operating system releases when the process dies, keeps
 * others out.
 *
 * <p>Secrets are generated once. They are written to a temporary file and then renamed, so that a
 * half-written one is never read.
 */
final class DataDirectory implements AutoCloseable {
    private static final Set<PosixFilePermission> OWNER_ONLY =
            PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> SECRET =
            PosixFilePermissions.fromString("rw-------");
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Path path;
    private final FileChannel lock;

    private DataDirectory(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    static DataDirectory open(Path path) throws CommandException {
        Path absolute = path.toAbsolutePath().normalize();
        try {
            Files.createDirectories(absolute);
            if (posix(absolute)) {
                Files.setPosixFilePermissions(absolute, OWNER_ONLY);
            }
            FileChannel lock =
                    FileChannel.open(
                            absolute.resolve("lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
            if (!lock(lock)) {
                lock.close();
                throw CommandException.failure(
                        absolute + " is in use by another ./run: stop it, or set DATA_DIR");
            }
            return new DataDirectory(absolute, lock);
        } catch (IOException e) {
            throw CommandException.failure(
                    absolute + " cannot be used: " + CommandException.reason(e));
        }
    }

    /**
     * Fails if a disk is as good as full. Otherwise the databases would, in words of their own.
     *
     * @param variable which names the directory
     */
    static void requireSpace(Path directory, long bytes, String variable)
            throws CommandException, IOException {
        FileStore disk = disk(directory);
        if (!hasSpace(directory, bytes)) {
            throw CommandException.failure(
                    "the disk of %s is full: %d MB are free, %d MB are needed; set %s to another"
                            .formatted(
                                    existing(directory),
                                    disk.getUsableSpace() >> 20,
                                    (bytes >> 20) + 1,
                                    variable));
        }
    }

    static boolean hasSpace(Path directory, long bytes) throws IOException {
        FileStore disk = disk(directory);
        return disk.getUsableSpace() >= bytes || disk.getTotalSpace() <= 0;
    }

    private static FileStore disk(Path directory) throws IOException {
        return Files.getFileStore(existing(directory));
    }

    private static Path existing(Path directory) {
        Path existing = directory.toAbsolutePath();
        for (Path parent = existing.getParent();
                parent != null && !Files.exists(existing);
                parent = parent.getParent()) existing = parent;
        return existing;
    }

    private static boolean lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    Path path() {
        return path;
    }

    Path resolve(String name) {
        return path.resolve(name);
    }

    /** A random password, generated once and the same at every start. */
    String password(String name) throws IOException {
        Path file = path.resolve(name + ".password");
        if (!Files.exists(file)) {
            write(file, randomPassword());
        }
        return Files.readString(file).strip();
    }

    /** The directory of the keys that sign tokens; it holds at least one. */
    Path signingKeys() throws IOException {
        Path keys = Files.createDirectories(path.resolve("keys"));
        try (Stream<Path> files = Files.list(keys)) {
            if (files.anyMatch(file -> file.toString().endsWith(".pem"))) {
                return keys;
            }
        }
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            // 3072 bits take this JVM, whose compiler is a simple one, two to eight seconds
            generator.initialize(2048);
            byte[] key = generator.generateKeyPair().getPrivate().getEncoded();
            write(
                    keys.resolve("tokens.pem"),
                    "-----BEGIN PRIVATE KEY-----\n"
                            + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key)
                            + "\n-----END PRIVATE KEY-----\n");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM cannot generate RSA keys", e);
        }
        return keys;
    }

    static void write(Path file, String content) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        Files.deleteIfExists(temporary);
        if (posix(file)) {
            Files.createFile(temporary, PosixFilePermissions.asFileAttribute(SECRET));
        }
        Files.writeString(temporary, content);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    }

    static String randomPassword() {
        byte[] bytes = new byte[18];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().encodeToString(bytes);
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }

    private static boolean posix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
