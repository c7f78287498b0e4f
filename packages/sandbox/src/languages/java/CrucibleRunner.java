import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;

/**
 * Runs Main of submission + hidden code and reports the nonce only after main has returned and every other
 * thread that keeps the JVM alive has ended. System.exit, from wherever, therefore reports nothing.
 */
public final class CrucibleRunner {
    public static void main(String[] args) throws Throwable {
        final byte[] nonce = new byte[64];
        try (FileInputStream given = new FileInputStream(descriptor(3))) { // closing it closes fd 3 itself
            int length = 0;
            while (length < nonce.length) {
                int read = given.read(nonce, length, nonce.length - length);
                if (read < 0) throw new IllegalStateException("no nonce was given");
                length += read;
            }
        }
        final FileOutputStream report = new FileOutputStream(descriptor(4));
        try {
            Class.forName("Main").getMethod("main", String[].class).invoke(null, (Object) args);
        } catch (InvocationTargetException thrown) {
            throw thrown.getCause();
        }
        awaitThreads();
        System.out.flush();
        report.write(nonce);
    }

    private static FileDescriptor descriptor(int number) throws ReflectiveOperationException {
        FileDescriptor descriptor = new FileDescriptor();
        Field field = FileDescriptor.class.getDeclaredField("fd");
        field.setAccessible(true);
        field.setInt(descriptor, number);
        return descriptor;
    }

    private static void awaitThreads() throws InterruptedException {
        boolean waited = true;
        while (waited) {
            waited = false;
            for (Thread thread : Thread.getAllStackTraces().keySet()) {
                if (thread == Thread.currentThread() || thread.isDaemon() || "DestroyJavaVM".equals(thread.getName())) continue;
                thread.join();
                waited = true;
            }
        }
    }
}
