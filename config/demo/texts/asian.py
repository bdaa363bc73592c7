"""What customers write in Chinese, Japanese, Korean, Vietnamese, Hindi and Arabic."""

from config.demo.texts.theme import Theme

CHINESE = (
    Theme(
        "card-declined",
        "negative",
        7,
        (
            "{at} 我的卡在{store}被拒绝了两次，账户里明明有钱，怎么回事？",
            "{bank} 的卡又刷不了，后面排了一队人，太尴尬了",
            "{at} 人在 {city}，卡被锁了，电话等了 {minutes} 分钟没人接",
            "{at} 同一笔 {amount} 扣了两次，请退款",
        ),
        ("可以用了，谢谢。", "还是不行。", "已经私信了。"),
        private=0.12,
    ),
    Theme(
        "app-down",
        "negative",
        7,
        (
            "{at} 应用程序又崩溃了，{when} 一直打不开",
            "手机银行登录不了，验证码收不到 {at}",
            "发工资的日子 App 就挂，{bank} 真会挑时间",
        ),
        ("恢复了。", "还没好。"),
    ),
    Theme(
        "transfer",
        "negative",
        6,
        (
            "{at} 转账 {amount} 已经 {days} 天了还没到账，钱去哪了？",
            "从 {bank} 汇款到国内一般要几天？{at}",
            "{at} 汇款一直显示审核中，客服也说不清楚",
        ),
        ("到账了，谢谢。", "参考号在私信里。"),
        private=0.15,
    ),
    Theme(
        "fees",
        "negative",
        5,
        (
            "{at} 只差 {small} 就收 {fee} 透支费，太过分了",
            "账户管理费 {fee} 到底管理了什么 {at}",
        ),
        ("手续费退了，谢谢。",),
    ),
    Theme(
        "fraud",
        "negative",
        5,
        (
            "{at} 有一笔 {amount} 的消费不是我的，我从没去过 {city}",
            "有人冒充 {bank} 打电话要验证码，是诈骗吧？{at}",
        ),
        ("已经退回，谢谢。",),
        private=0.3,
    ),
    Theme(
        "praise",
        "positive",
        6,
        (
            "谢谢 {branch} 的 {rep}，很耐心地帮我妈妈开户 {at} 👍",
            "{at} 半夜留言马上就回了，服务真好",
            "新版 App 很好用，赞一个 {at}",
        ),
    ),
    Theme(
        "branch",
        "neutral",
        4,
        (
            "{at} {branch} 分行周六开门吗？有会说中文的员工吗？",
            "刚到 {city}，开户需要什么证件？{at}",
        ),
        ("好的，谢谢。",),
    ),
)

JAPANESE = (
    Theme(
        "card-declined",
        "negative",
        6,
        (
            "{at} {store}でカードが使えませんでした。残高はあるのですが、何が起きていますか？",
            "{bank}のカードがまた使えない…後ろに列ができて恥ずかしかった",
            "{at} 旅行先の{city}でカードが止められました。電話もつながりません",
        ),
        ("使えるようになりました。ありがとうございます。", "まだ使えません。"),
        private=0.12,
    ),
    Theme(
        "app-down",
        "negative",
        6,
        (
            "{at} アプリにログインできません。障害でしょうか？",
            "給料日にアプリが落ちるのはやめてほしい {at}",
            "認証コードが届かなくて困っています {at}",
        ),
        ("復旧しました。", "まだだめです。"),
    ),
    Theme(
        "transfer",
        "negative",
        4,
        ("{at} {days}日前の送金がまだ届きません。確認してもらえますか？", "日本への送金は何日かかりますか？ {at}"),
        ("届きました。ありがとうございます。",),
    ),
    Theme(
        "praise",
        "positive",
        5,
        (
            "{branch}支店の{rep}さん、丁寧に対応してくれてありがとう {at}",
            "{at} 夜中なのにすぐ返信が来て助かりました",
        ),
    ),
    Theme(
        "branch",
        "neutral",
        3,
        ("{at} {branch}支店は土曜日も開いていますか？", "口座を開くのに必要な書類を教えてください {at}"),
        ("ありがとうございます。",),
    ),
)

KOREAN = (
    Theme(
        "card-declined",
        "negative",
        6,
        (
            "{at} {store}에서 카드 결제가 거절됐어요. 잔액은 충분한데 왜 그런가요?",
            "{bank} 카드 또 안 돼요. 줄 서 있는데 너무 창피했어요",
        ),
        ("이제 돼요, 감사합니다.", "아직 안 돼요."),
    ),
    Theme(
        "app-down",
        "negative",
        6,
        ("{at} 앱이 {minutes}분째 안 열려요. 장애인가요?", "인증번호가 안 와서 로그인을 못 하고 있어요 {at}"),
        ("복구됐네요.",),
    ),
    Theme(
        "transfer",
        "negative",
        4,
        ("{at} 한국으로 보낸 송금이 {days}일째 도착을 안 해요",),
        ("도착했어요. 감사합니다.",),
        private=0.15,
    ),
    Theme(
        "praise",
        "positive",
        4,
        ("{branch} 지점 {rep} 님 정말 친절하셨어요. 감사합니다 {at}",),
    ),
)

VIETNAMESE = (
    Theme(
        "card-declined",
        "negative",
        6,
        (
            "{at} thẻ của tôi bị từ chối ở {store} dù còn tiền. Có chuyện gì vậy?",
            "thẻ {bank} lại không quẹt được, xấu hổ quá",
        ),
        ("Dùng được rồi, cảm ơn.", "Vẫn bị từ chối."),
    ),
    Theme(
        "app-down",
        "negative",
        6,
        (
            "{at} ứng dụng bị lỗi {minutes} phút rồi, không đăng nhập được",
            "Mã xác nhận không tới, làm sao vào tài khoản? {at}",
        ),
        ("Vào được rồi.",),
    ),
    Theme(
        "transfer",
        "negative",
        5,
        ("{at} chuyển {amount} về Việt Nam đã {days} ngày chưa tới, tiền của tôi đâu?",),
        ("Nhận được rồi, cảm ơn.",),
        private=0.15,
    ),
    Theme(
        "praise",
        "positive",
        4,
        ("Cảm ơn {rep} ở chi nhánh {branch} đã giúp mẹ tôi rất tận tình {at}",),
    ),
)

HINDI = (
    Theme(
        "card-declined",
        "negative",
        6,
        (
            "{at} {store} पर मेरा कार्ड रिजेक्ट हो गया, खाते में पैसे हैं। क्या दिक्कत है?",
            "{bank} का कार्ड फिर नहीं चला, लाइन में सबके सामने शर्मिंदगी हुई",
        ),
        ("अब चल रहा है, धन्यवाद।", "अभी भी रिजेक्ट हो रहा है।"),
    ),
    Theme(
        "app-down",
        "negative",
        6,
        ("{at} ऐप {minutes} मिनट से नहीं खुल रहा, क्या सर्वर डाउन है?", "ओटीपी नहीं आ रहा, लॉगिन कैसे करूं? {at}"),
        ("अब ठीक है।",),
    ),
    Theme(
        "transfer",
        "negative",
        4,
        ("{at} {days} दिन पहले भेजे {amount} अभी तक नहीं पहुंचे, पैसे कहां हैं?",),
        ("मिल गए, धन्यवाद।",),
        private=0.15,
    ),
    Theme(
        "praise",
        "positive",
        4,
        ("{branch} शाखा की {rep} जी ने बहुत मदद की, धन्यवाद {at}",),
    ),
)

ARABIC = (
    Theme(
        "card-declined",
        "negative",
        6,
        (
            "{at} تم رفض بطاقتي في {store} مع أن الرصيد موجود. ما المشكلة؟",
            "بطاقة {bank} مرفوضة للمرة الثالثة هذا الأسبوع",
            "{at} بطاقتي موقوفة وأنا مسافر في {city} ولا أحد يرد",
        ),
        ("تعمل الآن، شكراً.", "ما زالت مرفوضة.", "أرسلت لكم رسالة خاصة."),
        private=0.12,
    ),
    Theme(
        "app-down",
        "negative",
        6,
        (
            "{at} التطبيق لا يفتح منذ {minutes} دقيقة، هل هناك عطل؟",
            "رمز التحقق لا يصل، كيف أدخل إلى حسابي؟ {at}",
        ),
        ("عاد للعمل.", "لا شيء بعد."),
    ),
    Theme(
        "transfer",
        "negative",
        5,
        ("{at} حوّلت {amount} قبل {days} أيام ولم تصل بعد، أين المبلغ؟",),
        ("وصلت، شكراً لكم.",),
        private=0.15,
    ),
    Theme(
        "fraud",
        "negative",
        4,
        (
            "{at} عملية شراء بمبلغ {amount} لم أقم بها في {city}",
            "اتصل شخص يدّعي أنه من {bank} ويطلب الرمز، هل هذا احتيال؟",
        ),
        ("تم استرجاع المبلغ، شكراً.",),
        private=0.3,
    ),
    Theme(
        "praise",
        "positive",
        5,
        ("شكراً {rep} في فرع {branch} على حسن التعامل مع والدتي {at}", "{at} رد سريع حتى في منتصف الليل، أحسنتم"),
    ),
)
